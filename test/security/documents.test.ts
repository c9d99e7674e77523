import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkOperation, conditionsSchema, isPolyshiftError, parseSourceDocument } from '@polyshift/core';
import { loadSpec } from '@polyshift/etl';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadAdapter } from '../../packages/cli/src/stores/load-adapter.ts';
import { runCommand } from '../command/command.ts';

/** The code of the error that something throws; what it gives where it throws none. */
function codeOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    if (!isPolyshiftError(error)) throw error;
    return `${error.code} at ${error.place?.line ?? error.place?.path ?? '?'}`;
  }
}

/** Values that are each ten of the one before. */
function bomb(each: (name: string) => string): string {
  const letters = [...'abcdefghijkl'];
  const lines = letters.slice(1).map((letter, index) => `${letter}: &${letter} ${each(letters[index]!)}`);
  return ['a: &a {x: 1}', ...lines].join('\n');
}
const ten = (name: string, form: (position: number) => string) =>
  Array.from({ length: 10 }, (_, position) => form(position).replace('NAME', `*${name}`)).join(', ');

describe('YAML', () => {
  it.each([
    ['a function of js-yaml', 'a: !!js/function "function () { return process }"'],
    ['a regular expression of js-yaml', 'a: !!js/regexp /(a+)+$/'],
    ['an object of Python', 'a: !!python/object/apply:os.system ["id"]'],
    ['an object of Ruby', 'a: !ruby/object:Gem::Installer {i: x}'],
    ['a class of Java', 'a: !!javax.script.ScriptEngineManager []'],
    ['a tag of its own', 'a: !include /etc/passwd'],
  ])('%s is refused with its line', (_what, text) => {
    expect(codeOf(() => parseSourceDocument(text, 'a.yaml').content)).toBe('INVALID_SYNTAX at 1');
  });

  it.each([
    ['lists of aliases', bomb((name) => `[${ten(name, () => 'NAME')}]`)],
    ['mappings of aliases', bomb((name) => `{${ten(name, (position) => `k${position}: NAME`)}}`)],
    ['merged mappings', bomb((name) => `{<<: [${ten(name, () => 'NAME')}]}`)],
    ['brackets in brackets', `a: ${'['.repeat(20_000)}`],
    ['closed brackets in brackets', `a: ${'['.repeat(2000)}${']'.repeat(2000)}`],
    ['braces in braces', `${'{a: '.repeat(2000)}1${'}'.repeat(2000)}`],
  ])('%s are refused before they fill the memory or the stack', (_what, text) => {
    const before = process.memoryUsage().heapUsed;
    const outcome = codeOf(() => checkOperation(parseSourceDocument(text, 'a.yaml').content));
    expect(outcome).toMatch(/^INVALID_(SYNTAX|DOCUMENT) at /);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(200 * 2 ** 20);
  });

  it('values of rows may be nested, but not more than any part of polyshift can follow', () => {
    const load = (levels: number) => {
      const x: unknown = JSON.parse(`${'['.repeat(levels)}1${']'.repeat(levels)}`);
      return codeOf(() => checkOperation({ type: 'load', collection: 'a', data: { rows: [{ x }], key: ['x'] } }));
    };
    expect(load(50)).toMatchObject({ type: 'load' });
    expect(load(150)).toMatch(/^INVALID_DOCUMENT at /);
  });

  it('an alias of what it stands in is refused', () => {
    const text = 'type: load\ncollection: x\ndata: {rows: [&a {x: *a}], key: [x]}';
    expect(codeOf(() => checkOperation(parseSourceDocument(text, 'a.yaml').content))).toMatch(/^INVALID_DOCUMENT at /);
  });
});

describe('keys that JavaScript takes for the prototype', () => {
  const operation = (parts: object) => ({
    type: 'migrate_data',
    collection: 'users',
    data: { pipeline: [{ $set: { a: 1 } }] },
    ...parts,
  });
  const polluting = JSON.parse('{"__proto__": {"polluted": true}}') as object;

  it.each([
    ['in conditions, which would hold for every row without it', operation({ conditions: polluting })],
    ['deep in conditions', operation({ conditions: { or: [{ a: 1 }, { not: polluting }] } })],
    ['in a pipeline', operation({ data: { pipeline: [{ $set: polluting }] } })],
    ['in rows', { type: 'load', collection: 'users', data: { rows: [{ id: 1, nested: [polluting] }], key: ['id'] } }],
    ['as a field', { type: 'add_field', collection: 'users', data: { field_name: '__proto__', type: 'text' } }],
    ['as a collection', { type: 'drop_collection', collection: '__proto__', data: {} }],
  ])('%s are refused', (_where, content) => {
    expect(codeOf(() => checkOperation(content))).toMatch(/^INVALID_DOCUMENT at /);
    expect(codeOf(() => checkOperation(parseSourceDocument(JSON.stringify(content), 'a.json').content))).toMatch(
      /^INVALID_DOCUMENT at /,
    );
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('names that every object inherits are names like others', () => {
    const inherited = ['constructor', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'];
    const conditions = JSON.parse(`{${inherited.map((name) => `"${name}": "x"`).join(', ')}}`) as object;
    expect(Object.keys(conditionsSchema.parse(conditions))).toEqual(inherited);
    for (const name of inherited) {
      const set = {
        type: 'migrate_data',
        collection: name,
        data: { pipeline: [{ $set: { [name]: 1 } }] },
        conditions: { [name]: 1 },
      };
      expect(checkOperation(set)).toMatchObject({ collection: name, conditions: { [name]: 1 }, data: set.data });
    }
  });
});

describe('files that are data', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'polyshift-data-'));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const write = (name: string, text: string) => writeFile(join(folder, name), text);
  const code = (file: string) =>
    `import { writeFileSync } from 'node:fs';\nwriteFileSync(${JSON.stringify(join(folder, file))}, '');\n`;
  const ran = (file: string) => existsSync(join(folder, file));

  it('a spec in YAML with an unknown tag is refused with its line', async () => {
    await write('spec.yaml', 'name: a\nsource: !!js/function "process.exit()"\n');
    await expect(loadSpec('spec.yaml', { cwd: folder })).rejects.toMatchObject({ code: 'INVALID_SYNTAX', place: { line: 2 } });
  });

  it('code in YAML, JSON, SQL and .env is never run; only files of TypeScript and JavaScript that are named are', async () => {
    await write('polyshift.config.yaml', 'stores: { a: { type: postgresql, url: "${URL}" } }\n');
    await write('.env', `URL=$(touch ${join(folder, 'shell')})\`touch ${join(folder, 'shell')}\`\n`);
    await mkdir(join(folder, 'migrations'));
    await write(
      'migrations/0001_a.yaml',
      'operations: [{ type: drop_collection, collection: "${process.exit(7)}", data: {} }]\n',
    );
    await write('migrations/0002_b.up.sql', 'SELECT 1;\n\\! touch shell\n');
    await write('migrations/a.ts', code('no-migration'));
    await write('helper.ts', code('no-config'));
    const status = await runCommand(folder, {}, 'status', '--json');
    expect(status.code, status.stdout).toBe(2);
    expect(JSON.parse(status.stdout)).toMatchObject({ error: { code: 'INVALID_DOCUMENT' } });
    for (const file of ['shell', 'no-migration', 'no-config']) expect(ran(file), file).toBe(false);
  });

  it('a store type with ../ is loaded as code, and one that is no path only from packages', async () => {
    await write('adapter.ts', `${code('loaded')}export default {};\n`);
    await write('polyshift.config.yaml', 'stores: { a: { type: "./adapter.ts", url: "x://y" } }\nmigrations: .\n');
    await write('0001_a.yaml', 'operations: [{ type: drop_collection, collection: a, data: {} }]\n');
    const named = await runCommand(folder, {}, 'status', '--json');
    expect(JSON.parse(named.stdout)).toMatchObject({ error: { code: 'UNKNOWN_STORE' } });
    expect(ran('loaded')).toBe(true);
    await rm(join(folder, 'loaded'));
    await write(
      'polyshift.config.yaml',
      'stores: { a: { type: "data:text/javascript,process.exit(7)", url: "x://y" } }\nmigrations: .\n',
    );
    const refused = await runCommand(folder, {}, 'status', '--json');
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: 'UNKNOWN_STORE' } });
    for (const type of ['adapter.ts', 'adapter', `${folder}/adapter.ts`, `file://${folder}/adapter.ts`, 'node:fs', 'a/../../b'])
      await expect(loadAdapter({ type, folder }), type).rejects.toMatchObject({ code: 'UNKNOWN_STORE' });
    expect(ran('loaded')).toBe(false);
  });
});
