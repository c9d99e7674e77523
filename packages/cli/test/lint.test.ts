import { expect, test } from 'vitest';
import { runInProcess } from './command-in-process.ts';
import { jsonErrorOf, jsonOf, runCommand } from './command-process.ts';
import { temporaryProject } from './project.ts';

interface Shown {
  readonly code: string;
  readonly file: string;
  readonly line: number;
  readonly level: string;
}

const config = `stores:
  main: { type: postgresql, url: "\${NOT_SET}" }
  events: { type: mongodb, url: "\${NOT_SET}" }
  archive: { type: mysql, url: "\${NOT_SET}", migrations: archive }
default_store: main
lint:
  rules: { PG032: off, MY026: off }
`;

const files = {
  'polyshift.config.yaml': config,
  'migrations/0001_users.up.sql':
    'CREATE TABLE users (id bigint PRIMARY KEY, name varchar(10));\nCREATE INDEX n ON users (name);',
  'migrations/0001_users.down.sql': 'DROP TABLE users;',
  'migrations/0002_longer.up.sql': 'ALTER TABLE users ALTER name TYPE varchar(20);\nALTER TABLE users ALTER id TYPE text;',
  'migrations/0010_log.yaml':
    'store: events\noperations:\n  - { type: create_index, collection: log, data: { name: t, keys: { at: 1 }, expire_after_seconds: 9 } }\n',
  'archive/0001_old.up.sql': 'ALTER TABLE old ADD CONSTRAINT c CHECK (a > 0);',
};

/** Runs lint with --json. */
async function lint(folder: string, ...args: string[]) {
  const result = await runInProcess(folder, ['lint', '--json', ...args]);
  const { findings } = jsonOf(result) as unknown as { findings: Shown[] };
  return { code: result.code, found: findings.map(({ file, line, code }) => `${file}:${line} ${code}`) };
}

test('reads the migrations of every store, without a connection and without its environment', async () => {
  await using project = await temporaryProject(files);
  expect(await lint(project.folder)).toEqual({
    code: 1,
    found: ['migrations/0002_longer.up.sql:2 PG006', 'migrations/0010_log.yaml:3 MG004', 'archive/0001_old.up.sql:1 MY018'],
  });
});

test('the binary does so', async () => {
  await using project = await temporaryProject(files);
  const result = await runCommand(project.folder, ['lint', 'archive', '--format', 'github']);
  expect(result).toMatchObject({ code: 1, stderr: '' });
  expect(result.stdout).toMatch(/^::error file=archive\/0001_old\.up\.sql,line=1,/);
});

test('reads those of one store, one file, or a folder; of a file it knows what earlier migrations did', async () => {
  await using project = await temporaryProject(files);
  expect((await lint(project.folder, '--store', 'events')).found).toEqual(['migrations/0010_log.yaml:3 MG004']);
  expect((await lint(project.folder, 'migrations/0002_longer.up.sql')).found).toEqual(['migrations/0002_longer.up.sql:2 PG006']);
  expect((await lint(project.folder, 'archive')).found).toEqual(['archive/0001_old.up.sql:1 MY018']);
  const pair = ['migrations/0001_users.down.sql', 'migrations/0001_users.up.sql'];
  expect((await lint(project.folder, ...pair)).found).toEqual([]);
  expect((await lint(project.folder, 'migrations/0001_users.down.sql')).found).toEqual([
    'migrations/0001_users.down.sql:1 PG102',
  ]);
});

test('reads SQL without a configuration, by its dialect; a warning is no failure unless there are too many', async () => {
  await using project = await temporaryProject({
    'a.sql': "SET lock_timeout = '1s';\nCREATE TRIGGER t BEFORE INSERT ON u FOR EACH ROW EXECUTE FUNCTION f();",
    'm.sql': 'CREATE TABLE t (a BIGINT PRIMARY KEY REFERENCES u (id));',
    'c.cql': 'TRUNCATE users;',
  });
  const warned = { found: ['a.sql:2 PG026'] };
  expect(await lint(project.folder, '--dialect', 'postgresql', 'a.sql')).toMatchObject({ code: 0, ...warned });
  expect(await lint(project.folder, '--dialect', 'postgresql', 'a.sql', '--max-warnings', '1')).toMatchObject({
    code: 0,
    ...warned,
  });
  expect(await lint(project.folder, '--dialect', 'postgresql', 'a.sql', '--max-warnings', '0')).toMatchObject({
    code: 1,
    ...warned,
  });
  expect((await lint(project.folder, '--dialect', 'mysql', 'm.sql')).found).toEqual(['m.sql:1 MY002']);
  expect((await lint(project.folder, '--dialect', 'mariadb', 'm.sql')).found).toEqual([]);
  expect((await lint(project.folder, 'c.cql')).found).toEqual(['c.cql:1 CA105']);
});

test('shows findings as text, annotations and SARIF', async () => {
  await using project = await temporaryProject({ 'a.sql': 'SELECT 1;\nDROP TABLE users;' });
  const run = (format: string) => runInProcess(project.folder, ['lint', 'a.sql', '--dialect', 'postgresql', '--format', format]);
  const text = await run('text');
  expect(text).toMatchObject({ code: 1, stderr: '' });
  expect(text.stdout).toMatch(/^a\.sql:2:1 error PG102 dropping-table\n {2}Dropping table users/m);
  expect(text.stdout).toMatch(/why .+\n {2}locks .+\n {2}safe .+/);
  expect(text.stdout).toMatch(/Unsafe: 1 file, 1 error, 1 warning\.\n$/);
  expect((await run('github')).stdout).toMatch(/^::error file=a\.sql,line=2,col=1,title=PG102 dropping-table::/m);
  expect(jsonOf(await run('sarif'))).toMatchObject({ version: '2.1.0' });
  expect(jsonOf(await run('json'))).toMatchObject({ errors: 1, warnings: 1, files: ['a.sql'] });
});

test('lists the rules with the levels that the configuration gives them', async () => {
  await using project = await temporaryProject(files);
  const { rules } = jsonOf(await runInProcess(project.folder, ['lint', '--rules', '--json'])) as {
    rules: { code: string; level: string }[];
  };
  expect(rules.length).toBeGreaterThan(200);
  expect(rules.find(({ code }) => code === 'PG032')?.level).toBe('off');
  const shown = await runInProcess(project.folder, ['lint', '--rules']);
  expect(shown.stdout).toMatch(/^PG005 +error +postgresql +setting-not-null /m);
});

const misuse: { name: string; files: Record<string, string>; args: string[]; code: string; says: RegExp }[] = [
  { name: 'neither configuration nor files', files: {}, args: [], code: 'USAGE', says: /neither a configuration/ },
  { name: 'a file that is not there', files: {}, args: ['--dialect', 'mysql', 'x.sql'], code: 'FILE_NOT_FOUND', says: /x\.sql/ },
  {
    name: 'a language that nothing names',
    files: { 'a.sql': '' },
    args: ['a.sql'],
    code: 'USAGE',
    says: /which store a\.sql is for/,
  },
  { name: 'a dialect that does not exist', files: {}, args: ['--dialect', 'oracle'], code: 'USAGE', says: /oracle/ },
  {
    name: 'a rule that does not exist',
    files: { 'polyshift.config.yaml': 'stores: { a: { type: mysql, url: x } }\nlint: { rules: { MY999: off } }\n' },
    args: [],
    code: 'INVALID_DOCUMENT',
    says: /MY999/,
  },
  {
    name: 'a version with a point that YAML takes for a number',
    files: { 'polyshift.config.yaml': 'stores: { a: { type: mysql, url: x } }\nlint: { mariadb_version: 10.10 }\n' },
    args: [],
    code: 'INVALID_DOCUMENT',
    says: /in quotes/,
  },
  {
    name: 'an expression for names that is none',
    files: { 'polyshift.config.yaml': 'stores: { a: { type: mysql, url: x } }\nlint: { naming: { table: "(" } }\n' },
    args: [],
    code: 'INVALID_DOCUMENT',
    says: /regular expression/,
  },
  {
    name: 'a migration for a store that does not exist',
    files: {
      ...files,
      'migrations/0011_x.yaml': 'store: evnts\noperations:\n  - { type: drop_index, collection: a, data: { name: b } }\n',
    },
    args: [],
    code: 'UNKNOWN_STORE',
    says: /evnts/,
  },
];

test.each(misuse)('$name is misuse', async ({ files: written, args, code, says }) => {
  await using project = await temporaryProject(written);
  const result = await runInProcess(project.folder, ['lint', '--json', ...args]);
  expect(result.code).toBe(2);
  expect(jsonErrorOf(result)).toMatchObject({ code, message: expect.stringMatching(says) });
});
