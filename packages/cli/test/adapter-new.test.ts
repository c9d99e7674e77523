import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { operationTypes } from '@polyshift/core';
import { afterAll, describe, expect, test } from 'vitest';
import { jsonErrorOf, jsonOf, runCommand } from './command-process.ts';
import { temporaryProject } from './project.ts';

const cli = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);
const vitest = join(dirname(require.resolve('vitest/package.json')), 'vitest.mjs');
const tsc = join(dirname(createRequire(join(cli, '../../package.json')).resolve('typescript/package.json')), 'bin/tsc');

// Inside the workspace, so that the packages of polyshift are found without being published.
const parent = await mkdtemp(join(cli, '.adapter-'));
afterAll(() => rm(parent, { recursive: true }));

/** Runs a program of Node to its end. */
function runNode(file: string, args: readonly string[], cwd: string): Promise<{ code: number; output: string }> {
  const { VITEST: _vitest, ...env } = process.env;
  return new Promise((resolve) => {
    execFile(process.execPath, [file, ...args], { cwd, env: { ...env, CI: '' }, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr });
    });
  });
}

interface TestResults {
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly assertionResults: readonly { fullName: string; status: string; failureMessages: string[] }[];
  }[];
}

describe('adapter new', () => {
  test('writes a package that compiles and whose conformance run lists what is left to do, with nothing skipped', async () => {
    const written = jsonOf(await runCommand(parent, ['adapter', 'new', 'stone-db', '--json']));
    const folder = join(parent, 'polyshift-stone-db');
    expect(written).toMatchObject({ folder: 'polyshift-stone-db', kept: [] });
    expect(written['written']).toContain('polyshift-stone-db/src/rows.ts');

    expect(await runNode(tsc, ['-p', '.'], folder)).toEqual({ code: 0, output: '' });

    const run = await runNode(vitest, ['run', '--reporter=default', '--reporter=json', '--outputFile=results.json'], folder);
    expect(run.code).toBe(1);
    const results = JSON.parse(await readFile(join(folder, 'results.json'), 'utf8')) as TestResults;
    const tests = results.testResults.flatMap(({ assertionResults }) => assertionResults);
    expect([results.numPendingTests, results.numTodoTests]).toEqual([0, 0]);
    expect(tests.filter(({ status }) => status !== 'passed' && status !== 'failed')).toEqual([]);

    const list = run.output.slice(run.output.indexOf('Left to do for stone-db'));
    const lines = list.split('\n').filter((line) => /^ {2}step \d/.test(line));
    expect(lines.map((line) => Number(/\d/.exec(line)![0]))).toEqual(lines.map((line) => Number(/\d/.exec(line)![0])).sort());
    for (const expected of [
      'step 1: src/connection.ts: connect with the driver',
      'step 3: src/records.ts: ensure',
      'step 4: src/rows.ts: keyOf',
      'step 7: src/capabilities.ts: carry it, or say why the store cannot (create_index)',
    ])
      expect(list).toContain(expected);
    const skeleton = await readFile(join(folder, 'src/capabilities.ts'), 'utf8');
    for (const type of operationTypes) {
      const isCarried = skeleton.includes(`  ${type}: `);
      const named = tests.filter(({ fullName }) => fullName.includes(isCarried ? ` ${type}: ` : `is decided about ${type}`));
      expect(named.length, type).toBeGreaterThan(0);
      for (const { fullName, failureMessages } of named) {
        expect(failureMessages.join('\n'), fullName).toMatch(/left to do, step \d: src\//);
      }
    }
  });

  test('keeps every file that is there, and writes where it is told', async () => {
    await using project = await temporaryProject({ 'here/src/errors.ts': 'mine' });
    const result = jsonOf(await runCommand(project.folder, ['adapter', 'new', 'stone', '--folder', 'here', '--json']));
    expect(result).toMatchObject({ folder: 'here', kept: ['here/src/errors.ts'] });
    expect(await project.read('here/src/errors.ts')).toBe('mine');
  });

  test.each(['Stone', '1db', '../up', 'mongodb', ''])('refuses the name "%s"', async (name) => {
    await using project = await temporaryProject();
    const result = await runCommand(project.folder, ['adapter', 'new', name, '--json']);
    expect([result.code, jsonErrorOf(result).code]).toEqual([2, 'USAGE']);
  });
});
