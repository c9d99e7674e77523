import { describe, expect, test } from 'vitest';
import { jsonErrorOf, runCommand } from './command-process.ts';
import { temporaryProject } from './project.ts';

const config = 'stores:\n  main: { type: postgresql, url: "postgresql://nobody@127.0.0.1:1/none" }\n';
const migration = (operations: string) => `operations:\n${operations}`;
const fine = '  - { type: drop_collection, collection: users, data: {} }\n';

describe('the arguments', () => {
  test.each([
    ['an unknown command', ['stats'], /there is no command "stats"; did you mean `status`/],
    ['an unknown command of a group', ['etl', 'go'], /there is no command "go"/],
    ['flags before the command', ['--yes', 'status'], /--yes stands before the command/],
    ['an unknown flag', ['up', '--dry'], /there is no flag --dry/],
    ['a flag that is nearly right', ['down', '--expectCurent', '1'], /--expect-current/],
    ['an unknown short flag', ['up', '-x'], /there is no flag -x/],
    ['a flag without its value', ['up', '--to', '--yes'], /--to needs a value/],
    ['a flag twice', ['up', '--to', '1', '--to', '2'], /--to stands there twice/],
    ['a number that is none', ['down', '--steps', 'two'], /--steps takes a whole number from 1, not "two"/],
    ['a number too small', ['down', '--steps', '0'], /--steps takes a whole number from 1/],
    ['a fraction', ['down', '--steps', '1.5'], /--steps takes a whole number from 1/],
    ['a negative wait', ['up', '--wait=-1'], /--wait takes a number from 0/],
    ['one argument too many', ['status', 'now'], /"now" is one argument too many/],
    ['a missing argument', ['new'], /NAME is missing/],
    ['a choice that is none', ['new', 'x', '--format', 'xml'], /--format takes yaml, ts, sql, not "xml"/],
    ['two ways to say how far', ['down', '--yes', '--to', '1', '--steps', '1'], /exclude each other/],
    ['a name without letters', ['new', '!?'], /neither letters nor digits/],
  ])('%s is exit code 2', async (_case, args, message) => {
    await using project = await temporaryProject({ 'polyshift.config.yaml': config });
    const result = await runCommand(project.folder, [...args, '--json']);
    expect(result.code).toBe(2);
    expect(result.stderr).toMatch(/^error PS1011 usage: /);
    expect(result.stderr).toMatch(message);
    expect(result.stderr).toMatch(/ {2}hint /);
    expect(jsonErrorOf(result).code).toBe('USAGE');
  });

  test('without --json nothing is on stdout', async () => {
    await using project = await temporaryProject({ 'polyshift.config.yaml': config });
    expect(await runCommand(project.folder, ['up', '--dry'])).toMatchObject({ code: 2, stdout: '' });
  });

  test.each([
    ['down', []],
    ['unlock', []],
    ['finalize', ['0001']],
  ])('%s does not go ahead where nobody can be asked', async (command, args) => {
    await using project = await temporaryProject({ 'polyshift.config.yaml': config });
    const result = await runCommand(project.folder, [command, ...args, '--json']);
    expect(result.code).toBe(2);
    expect(jsonErrorOf(result)).toMatchObject({ code: 'USAGE', hint: expect.stringContaining('--yes') });
  });
});

describe('files', () => {
  test.each<[string, Record<string, string>, string, RegExp, number | undefined]>([
    ['no configuration', {}, 'FILE_NOT_FOUND', /polyshift init/, undefined],
    [
      'two configurations',
      { 'polyshift.config.yaml': config, 'polyshift.config.json': '{}' },
      'INVALID_DOCUMENT',
      /Keep one/,
      undefined,
    ],
    ['bad YAML in the configuration', { 'polyshift.config.yaml': 'stores:\n  a: [1\n' }, 'INVALID_SYNTAX', /YAML/, 3],
    ['an unknown key', { 'polyshift.config.yaml': `${config}migration: x\n` }, 'INVALID_DOCUMENT', /Remove "migration"/, 3],
    ['a store without a URL', { 'polyshift.config.yaml': 'stores:\n  main:\n    type: mongodb\n' }, 'INVALID_DOCUMENT', /./, 3],
    ['no stores', { 'polyshift.config.yaml': 'stores: {}\n' }, 'INVALID_DOCUMENT', /./, 1],
    ['a default that is none', { 'polyshift.config.yaml': `${config}default_store: other\n` }, 'INVALID_DOCUMENT', /./, 3],
    [
      'two stores and no default',
      { 'polyshift.config.yaml': `${config}  other: { type: mongodb, url: x }\n` },
      'USAGE',
      /--store: main, other/,
      undefined,
    ],
    [
      'a variable that is not set',
      { 'polyshift.config.yaml': 'stores:\n  main:\n    type: postgresql\n    url: ${PG_URL}\n' },
      'MISSING_ENVIRONMENT',
      /Set PG_URL/,
      4,
    ],
    ['no folder of migrations', { 'polyshift.config.yaml': config }, 'FILE_NOT_FOUND', /polyshift new/, undefined],
    [
      'bad YAML in a migration',
      { 'polyshift.config.yaml': config, 'migrations/0001_a.yaml': 'operations:\n  - { type: add_field\n' },
      'INVALID_SYNTAX',
      /Correct the YAML/,
      3,
    ],
    [
      'an unknown operation',
      {
        'polyshift.config.yaml': config,
        'migrations/0001_a.yaml': migration('  - { type: ad_field, collection: u, data: {} }\n'),
      },
      'UNKNOWN_OPERATION',
      /Did you mean "add_field"\?/,
      2,
    ],
    [
      'an unknown field of an operation',
      {
        'polyshift.config.yaml': config,
        'migrations/0001_a.yaml': migration('  - type: remove_field\n    collection: u\n    data:\n      field: x\n'),
      },
      'INVALID_DOCUMENT',
      /./,
      5,
    ],
    [
      'a version twice',
      { 'polyshift.config.yaml': config, 'migrations/0001_a.yaml': migration(fine), 'migrations/1_b.yaml': migration(fine) },
      'OUT_OF_ORDER',
      /Rename/,
      undefined,
    ],
    [
      'a migration for a store that is none',
      { 'polyshift.config.yaml': config, 'migrations/0001_a.yaml': `store: mian\n${migration(fine)}` },
      'UNKNOWN_STORE',
      /Did you mean "main"\?/,
      undefined,
    ],
    [
      'an adapter that is not installed',
      {
        'polyshift.config.yaml': 'stores:\n  main: { type: polyshift-oracle, url: oracle://h }\n',
        'migrations/0001_a.yaml': migration(fine),
      },
      'UNKNOWN_STORE',
      /npm install polyshift-oracle/,
      2,
    ],
    [
      'a type that is none',
      { 'polyshift.config.yaml': 'stores:\n  main: { type: postgres, url: x }\n', 'migrations/0001_a.yaml': migration(fine) },
      'UNKNOWN_STORE',
      /Did you mean "postgresql"\?/,
      2,
    ],
    [
      'an adapter that is none',
      {
        'polyshift.config.yaml': 'stores:\n  main: { type: ./adapter.ts, url: x }\n',
        'migrations/0001_a.yaml': migration(fine),
        'adapter.ts': 'export default { store: "mine" };',
      },
      'UNKNOWN_STORE',
      /defineAdapter/,
      2,
    ],
    [
      'the URL of another store',
      {
        'polyshift.config.yaml': 'stores:\n  main: { type: postgresql, url: "mongodb://h/x" }\n',
        'migrations/0001_a.yaml': migration(fine),
      },
      'INVALID_DOCUMENT',
      /Correct the URL/,
      2,
    ],
  ])('%s', async (_case, files, code, hint, line) => {
    await using project = await temporaryProject(files);
    const result = await runCommand(project.folder, ['plan', '--json']);
    expect(jsonErrorOf(result)).toMatchObject({ code, hint: expect.stringMatching(hint) });
    expect(jsonErrorOf(result).place?.line).toBe(line);
    expect(result.code).toBe(code === 'OUT_OF_ORDER' ? 1 : 2);
  });

  test('only the variables of the chosen store must be set, and .env gives those that the environment lacks', async () => {
    await using project = await temporaryProject({
      'polyshift.config.yaml':
        'stores:\n  a: { type: redis, url: "${A_URL}" }\n  b: { type: mysql, url: "${B_URL:-mysql://127.0.0.1:9/b}" }\ndefault_store: b\n',
      'migrations/0001_a.yaml': migration(fine),
    });
    // Nobody listens at either place: the error that comes shows how far it got.
    expect(jsonErrorOf(await runCommand(project.folder, ['plan', '--json']))).toMatchObject({
      code: 'CONNECTION_FAILED',
      message: expect.stringContaining('127.0.0.1:9'),
    });
    expect(jsonErrorOf(await runCommand(project.folder, ['plan', '--json', '--store', 'a'])).code).toBe('MISSING_ENVIRONMENT');
    await project.write('.env', 'A_URL=redis://127.0.0.1:10');
    expect(jsonErrorOf(await runCommand(project.folder, ['plan', '--json', '--store', 'a']))).toMatchObject({
      code: 'CONNECTION_FAILED',
      message: expect.stringContaining('127.0.0.1:10'),
    });
  });
});
