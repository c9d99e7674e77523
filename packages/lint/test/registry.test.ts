import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { allRules } from '../src/index.ts';

const folder = new URL('../src/rules/', import.meta.url);

/** The rule files: path without extension to text. */
async function ruleFiles(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    for (const name of await readdir(new URL(`${entry.name}/`, folder))) {
      files.set(`${entry.name}/${name.replace(/\.ts$/, '')}`, await readFile(new URL(`${entry.name}/${name}`, folder), 'utf8'));
    }
  }
  return files;
}

test('every file is one rule of the registry, named like the file', async () => {
  const files = await ruleFiles();
  expect(files.size).toBe(allRules.length);
  for (const [path, text] of files) {
    const rule = allRules.find(({ code }) => text.includes(`'${code}'`));
    expect(path.split('/')[1], path).toBe(rule?.name);
  }
});

test('codes and names are given once', () => {
  const codes = allRules.map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
  const names = allRules.map(({ store, name }) => `${store} ${name}`);
  expect(new Set(names).size).toBe(names.length);
});

test.each(allRules)('$code $name has a code of its store and a manual of full sentences', ({ code, store, name, doc }) => {
  const prefixes = {
    postgresql: ['PG'],
    mysql: ['MY'],
    mongodb: ['MG'],
    dynamodb: ['DY'],
    cassandra: ['CA'],
    elasticsearch: ['ES'],
    redis: ['RD'],
    any: ['OP', 'NM'],
    lint: ['LN'],
  } as const;
  expect(code).toMatch(/^[A-Z]{2}\d{3}$/);
  expect(prefixes[store] as readonly string[]).toContain(code.slice(0, 2));
  expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
  for (const text of Object.values(doc)) expect(text).toMatch(/^\S[\s\S]*\.$/);
});
