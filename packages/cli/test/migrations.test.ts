import { appendFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { jsonErrorOf, jsonOf, runCommand } from './command-process.ts';
import { temporaryProject } from './project.ts';
import { sql, storeProject, storeTypes, withMongo } from './stores.ts';

const variables = { postgresql: 'PG_URL', mongodb: 'MONGO_URL' };

describe.each(storeTypes)('on %s', { timeout: 120_000 }, (type) => {
  test('from init to down, as a newcomer does it', async () => {
    await using database = await storeProject(type);
    await using project = await temporaryProject();
    const env = { [variables[type]]: database.url };
    const run = (...args: string[]) => runCommand(project.folder, args, env);
    await run('init', '--type', type);

    const plan = await run('plan');
    expect(plan).toMatchObject({ code: 0, stderr: '' });
    expect(plan.stdout).toMatch(
      /0001 create_people[\s\S]*1\. create_collection on people[\s\S]*undo: [\s\S]*2\. create_index on people/,
    );
    expect(jsonOf(await run('plan', '--json'))).toMatchObject({
      store: 'main',
      current_version: null,
      migrations: [{ version: '0001', operations: [{ type: 'create_collection' }, { type: 'create_index' }] }],
    });
    expect((await run('status')).stdout).toMatch(/0001 +create_people +pending[\s\S]*1 migration pending/);

    const up = await run('up');
    expect(up).toMatchObject({ code: 0 });
    expect(up.stdout).toMatch(/^applied +0001 create_people/);
    expect(up.stderr).toMatch(/✓ 1\/2 create_collection on people[\s\S]*✓ 2\/2 create_index on people/);
    expect((await run('up')).stdout).toContain('Nothing to do: the store is at version 0001.');

    const status = await run('status', '--json');
    expect(status.stderr).toBe('');
    expect(jsonOf(status)).toMatchObject({
      current_version: '0001',
      pending: 0,
      unfinished: false,
      lock: null,
      migrations: [{ state: 'applied', undo: 'exact', file: 'ok' }],
    });
    expect(await run('verify')).toMatchObject({ code: 0, stdout: expect.stringMatching(/Verified: \d+ checks, 0 failed/) });
    expect(await run('doctor')).toMatchObject({ code: 0, stdout: 'Nothing is half done, locked or changed.\n' });

    await provePrint(type, run);
    const down = await run('down', '--yes', '--expect-current', '1', '--json');
    expect(down.code).toBe(0);
    expect(jsonOf(down)).toMatchObject({ from_version: '0001', to_version: null, migrations: [{ outcome: 'rolled_back' }] });
    expect(jsonOf(await run('status', '--json'))).toMatchObject({ current_version: null, pending: 1 });
  });

  test('a failed check is exit code 1, names what to do, and leaves nothing behind', async () => {
    const operations = `operations:
  - { type: add_field, collection: people, data: { field_name: seen, default_value: false } }
  - { type: create_index, collection: people, data: { name: people_email, keys: { email: 1 }, unique: true } }
`;
    await using project = await storeProject(type, { 'migrations/0001_unique.yaml': operations });
    if (type === 'postgresql') {
      await sql(
        project.url,
        "CREATE TABLE people (id int PRIMARY KEY, email text); INSERT INTO people VALUES (1, 'a@x'), (2, 'a@x')",
      );
    } else {
      await withMongo(project.url, (database) => database.collection('people').insertMany([{ email: 'a@x' }, { email: 'a@x' }]));
    }
    const text = await runCommand(project.folder, ['up']);
    expect(text).toMatchObject({ code: 1, stdout: '' });
    expect(text.stderr).toMatch(/error PS4001 check_failed: [\s\S]*FAILED +duplicates[\s\S]*→ /);
    const json = await runCommand(project.folder, ['up', '--json']);
    expect(json.code).toBe(1);
    expect(jsonOf(json)).toMatchObject({
      error: { code: 'CHECK_FAILED', data: { checks: [{ check: 'duplicates', status: 'FAILED' }] } },
    });
    expect(jsonOf(await runCommand(project.folder, ['status', '--json']))).toMatchObject({
      current_version: null,
      unfinished: false,
      migrations: [{ state: 'failed' }],
    });
  });

  test('down refuses what is finalized, and finalize what is not applied', async () => {
    await using project = await storeProject(type);
    await runCommand(project.folder, ['init', '--type', type]);
    expect(jsonErrorOf(await runCommand(project.folder, ['finalize', '1', '--yes', '--json'])).code).toBe('VERSION_UNKNOWN');
    await runCommand(project.folder, ['up']);
    const finalize = await runCommand(project.folder, ['finalize', '1', '--yes', '--json']);
    expect(jsonOf(finalize)).toMatchObject({
      store: 'main',
      finalized: [{ version: '0001', steps: 2, reason: 'asked' }],
      kept: [],
    });
    const again = await runCommand(project.folder, ['finalize', '--older-than', '0s', '--yes']);
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('Nothing is kept that is so old.') });
    const down = await runCommand(project.folder, ['down', '--yes', '--json']);
    expect(down.code).toBe(1);
    expect(jsonErrorOf(down).code).toBe('NOT_REVERSIBLE');
  });
});

describe('limits of undo', { timeout: 120_000 }, () => {
  test('status shows what is kept and until when; up makes final what is older, and says so; doctor and status agree', async () => {
    await using project = await storeProject('postgresql');
    await runCommand(project.folder, ['init', '--type', 'postgresql']);
    await appendFile(join(project.folder, 'polyshift.config.yaml'), '\nkeep_undo_days: 7\n');
    await runCommand(project.folder, ['up']);
    const shown = (await runCommand(project.folder, ['status'])).stdout;
    expect(shown).toMatch(/Undo +Kept +Until/);
    expect(shown).toMatch(/exact +\d+ rows?.* \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ/);
    expect(jsonOf(await runCommand(project.folder, ['status', '--json']))).toMatchObject({
      keep_undo: { age_ms: 7 * 86_400_000 },
      kept: { rows: expect.any(Number), bytes: expect.any(Number) },
      migrations: [{ undo: 'exact', kept: { rows: expect.any(Number) }, undo_until: expect.stringMatching(/Z$/) }],
    });
    const late = await runCommand(project.folder, ['finalize', '0001', '--older-than', '1d', '--yes', '--json']);
    expect(jsonErrorOf(late).code).toBe('USAGE');
    expect(jsonErrorOf(await runCommand(project.folder, ['finalize', '--older-than', 'soon', '--yes', '--json'])).code).toBe(
      'USAGE',
    );
    const config = await readFile(join(project.folder, 'polyshift.config.yaml'), 'utf8');
    await writeFile(join(project.folder, 'polyshift.config.yaml'), config.replace('keep_undo_days: 7', 'keep_undo_days: 0'));
    const up = await runCommand(project.folder, ['up']);
    expect(up).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Version 0001 is final, because it is older than keep_undo_days'),
    });
    expect(jsonOf(await runCommand(project.folder, ['status', '--json']))).toMatchObject({
      migrations: [{ undo: 'finalized', kept: null }],
    });
    expect(await runCommand(project.folder, ['doctor'])).toMatchObject({ code: 0 });
  });
});

describe('versions', { timeout: 120_000 }, () => {
  const table = (name: string) =>
    `operations:\n  - { type: create_collection, collection: ${name}, data: { fields: [{ name: id, type: int64 }], key: [id] } }\n`;
  const files = {
    'migrations/0001_a.yaml': table('a'),
    'migrations/0002_b.yaml': table('b'),
    'migrations/0003_c.yaml': table('c'),
  };
  const tables = async (url: string) =>
    (
      await sql<{ name: string }>(
        url,
        "SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1",
      )
    ).map(({ name }) => name);

  test('up and down go as far as they are told', async () => {
    await using project = await storeProject('postgresql', files);
    const run = (...args: string[]) => runCommand(project.folder, [...args, '--yes']);
    expect((await run('plan', '--to', '2')).stdout).toContain('2 migrations');
    expect((await run('up', '--to', '2')).code).toBe(0);
    expect(await tables(project.url)).toEqual(['a', 'b']);
    await run('up');
    await run('down', '--steps', '2');
    expect(await tables(project.url)).toEqual(['a']);
    await run('up');
    await run('down', '--to', '0002');
    expect(await tables(project.url)).toEqual(['a', 'b']);
    await run('down', '--to', '0');
    expect(await tables(project.url)).toEqual([]);
  });

  test.each<[string, string[], string, number]>([
    ['a version that is none', ['up', '--to', '9'], 'VERSION_UNKNOWN', 2],
    ['a plan to a version that is none', ['plan', '--to', '9'], 'VERSION_UNKNOWN', 2],
    ['down to a version that is none', ['down', '--yes', '--to', '9'], 'VERSION_UNKNOWN', 2],
    ['another current version than expected', ['down', '--yes', '--expect-current', '3'], 'VERSION_UNEXPECTED', 1],
  ])('%s', async (_case, args, code, exit) => {
    await using project = await storeProject('postgresql', files);
    expect((await runCommand(project.folder, ['up', '--to', '1'])).code).toBe(0);
    const result = await runCommand(project.folder, [...args, '--json']);
    expect(jsonErrorOf(result).code).toBe(code);
    expect(result.code).toBe(exit);
    expect(await tables(project.url)).toEqual(['a']);
  });

  test('a file that has changed since is refused, shown by status, and found by verify and doctor', async () => {
    await using project = await storeProject('postgresql', files);
    await runCommand(project.folder, ['up', '--to', '1']);
    await project.write('migrations/0001_a.yaml', table('other'));
    const up = await runCommand(project.folder, ['up', '--json']);
    expect(up.code).toBe(1);
    expect(jsonErrorOf(up).code).toBe('CHECKSUM_CHANGED');
    expect((await runCommand(project.folder, ['status'])).stdout).toMatch(/0001 .* changed/);
    expect(await runCommand(project.folder, ['verify'])).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/FAILED +files/),
    });
    expect((await runCommand(project.folder, ['doctor'])).code).toBe(1);
  });

  test("configuration and migration in TypeScript, and an adapter of one's own", async () => {
    await using database = await storeProject('postgresql');
    await using project = await temporaryProject({
      'polyshift.config.ts': `import { defineConfig } from 'polyshift';
export default defineConfig({ stores: { main: { type: './adapter.ts', url: '\${PG_URL}' } } });`,
      // What stands for a third party's adapter is one that is known to work.
      'adapter.ts': "export { default } from '@polyshift/postgresql';",
      'migrations/0001_a.ts': `import type { MigrationInput } from 'polyshift';
export default { operations: [{ type: 'create_collection', collection: 'a', data: { fields: [{ name: 'id', type: 'int64' }], key: ['id'] } }] } satisfies MigrationInput;`,
    });
    await mkdir(join(project.folder, 'node_modules/@polyshift'), { recursive: true });
    await symlink(fileURLToPath(new URL('..', import.meta.url)), join(project.folder, 'node_modules/polyshift'));
    const adapter = fileURLToPath(new URL('../../../adapters/postgresql', import.meta.url));
    await symlink(adapter, join(project.folder, 'node_modules/@polyshift/postgresql'));
    const up = await runCommand(project.folder, ['up', '--json'], { PG_URL: database.url });
    expect(jsonOf(up)).toMatchObject({ to_version: '0001' });
    expect(await tables(database.url)).toEqual(['a']);
  });

  test('two stores keep their own histories, from one folder or from their own', async () => {
    await using first = await storeProject('postgresql');
    await using second = await storeProject('postgresql');
    await using third = await storeProject('postgresql');
    await using project = await temporaryProject({
      'polyshift.config.yaml': `stores:
  a: { type: postgresql, url: "${first.url}" }
  b: { type: postgresql, url: "${second.url}" }
  c: { type: postgresql, url: "${third.url}", migrations: only_c }
default_store: a
`,
      'migrations/0001_a.yaml': table('in_a'),
      'migrations/0002_b.yaml': `store: b\n${table('in_b')}`,
      'only_c/0001_c.up.sql': 'CREATE TABLE in_c (id int)',
      'only_c/0001_c.down.sql': 'DROP TABLE in_c',
    });
    for (const store of ['a', 'b', 'c']) expect((await runCommand(project.folder, ['up', '--store', store])).code).toBe(0);
    expect(await tables(first.url)).toEqual(['in_a']);
    expect(await tables(second.url)).toEqual(['in_b']);
    expect(await tables(third.url)).toEqual(['in_c']);
    expect((await runCommand(project.folder, ['down', '--yes', '--store', 'c'])).code).toBe(0);
    expect(await tables(third.url)).toEqual([]);
  });
});

/** `down --print` asks nobody and changes nothing: a script where the store takes one, else the reason. */
async function provePrint(type: string, run: (...args: string[]) => ReturnType<typeof runCommand>): Promise<void> {
  const printed = await run('down', '--print');
  const asJson = await run('down', '--print', '--json');
  if (type === 'postgresql') {
    expect(printed).toMatchObject({ code: 0, stderr: expect.stringContaining('Takes back 0001.') });
    expect(printed.stdout).toMatch(
      /^-- polyshift rollback script, written for version 0001\n-- run it by: psql[\s\S]*-- version 0001, operation 1: create_collection on people[\s\S]*COMMIT;\n$/,
    );
    expect(jsonOf(asJson)).toMatchObject({
      store: 'main',
      language: 'SQL',
      versions: ['0001'],
      to_version: null,
      text: printed.stdout,
    });
    expect((await run('down', '--print', '--expect-current', '7', '--json')).code).toBe(1);
  } else {
    expect(printed).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^error PS4006 [\s\S]*has no rollback scripts/),
    });
    expect(jsonErrorOf(asJson).code).toBe('NOT_SCRIPTABLE');
  }
  expect(jsonOf(await run('status', '--json'))).toMatchObject({ current_version: '0001' });
}
