import { freshDatabase } from '@polyshift/testkit';
import { describe, expect, inject, test } from 'vitest';
import { jsonErrorOf, jsonOf, runCommand, startCommand } from './command-process.ts';
import { type Project, temporaryProject } from './project.ts';
import { sql, withMongo } from './stores.ts';

const rows = 1200;

const spec = `name: users
source: { type: postgresql, url: "\${PG_URL}" }
target: { type: mongodb, url: "\${MONGO_URL}" }
steps:
  - { type: extract, source_table: users, conditions: { active: true }, batch_size: 500 }
  - type: transform
    transformation_rules:
      _id: id
      full_name: { type: concatenate, fields: [first_name, last_name], separator: " " }
      metadata: { type: function, function: pack, args: [created_at] }
  - { type: load, target_table: users, batch_size: 100 }
`;

interface EtlProject extends Project {
  readonly env: Record<string, string>;
}

/** A project with the spec, a filled PostgreSQL database, and an empty MongoDB one. Every fourth user is not active. */
async function etlProject(): Promise<EtlProject> {
  const source = await freshDatabase({ store: 'postgresql', url: inject('postgresqlUrl') }, 'cli');
  const target = await freshDatabase({ store: 'mongodb', url: inject('mongodbUrl') }, 'cli');
  await sql(
    source.url,
    `CREATE TABLE users (id int PRIMARY KEY, first_name text, last_name text, active boolean NOT NULL, created_at timestamptz NOT NULL);
     INSERT INTO users SELECT i, 'First' || i, CASE WHEN i % 10 = 0 THEN NULL ELSE 'Last' || i END, i % 4 <> 0,
       timestamptz '2026-01-01 00:00:00Z' + i * interval '1 second 1 microsecond' FROM generate_series(1, ${rows}) AS i`,
  );
  const project = await temporaryProject({ 'etl/users.yaml': spec });
  return {
    ...project,
    env: { PG_URL: source.url, MONGO_URL: target.url },
    [Symbol.asyncDispose]: async () => {
      await project[Symbol.asyncDispose]();
      await Promise.all([source.drop(), target.drop()]);
    },
  };
}

const active = (rows * 3) / 4;

describe('a spec from PostgreSQL to MongoDB', { timeout: 120_000 }, () => {
  test('is planned, run, verified and rolled back', async () => {
    await using project = await etlProject();
    const run = (...args: string[]) => runCommand(project.folder, ['etl', ...args], project.env);

    const plan = await run('plan', 'etl/users.yaml');
    expect(plan).toMatchObject({ code: 0, stderr: '' });
    expect(plan.stdout).toMatch(/900 rows, by id[\s\S]*full_name[\s\S]*undo: drops the target[\s\S]*Nothing has been written/);
    expect(jsonOf(await run('plan', 'etl/users.yaml', '--json'))).toMatchObject({ next: 'begin', source: { rows: active } });

    const done = await run('run', 'etl/users.yaml', '--json');
    expect(done.code).toBe(0);
    expect(jsonOf(done)).toMatchObject({
      outcome: 'done',
      rows_read: active,
      rows_inserted: active,
      rows_rejected: 0,
      losses: [{ field: expect.stringContaining('metadata'), count: expect.any(Number) }],
    });
    expect(done.stderr).toMatch(/loss .*metadata/);
    const again = await run('run', 'etl/users.yaml');
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing was changed') });

    const verified = await run('verify', 'etl/users.yaml');
    expect(verified).toMatchObject({ code: 0, stdout: expect.stringMatching(/Verified: \d+ checks, 0 failed/) });
    await withMongo(project.env['MONGO_URL']!, (database) =>
      database.collection<{ _id: number }>('users').updateOne({ _id: 1 }, { $set: { full_name: 'Somebody Else' } }),
    );
    const different = await run('verify', 'etl/users.yaml');
    expect(different.code).toBe(1);
    expect(different.stdout).toMatch(/FAILED[\s\S]*full_name: expected "First1 Last1", found "Somebody Else"/);
    await withMongo(project.env['MONGO_URL']!, (database) =>
      database.collection<{ _id: number }>('users').updateOne({ _id: 1 }, { $set: { full_name: 'First1 Last1' } }),
    );

    const refused = await run('rollback', 'etl/users.yaml', '--json');
    expect(refused.code).toBe(2);
    expect(jsonErrorOf(refused)).toMatchObject({ code: 'USAGE', hint: expect.stringContaining('--yes') });
    const back = await run('rollback', 'etl/users.yaml', '--yes', '--json');
    expect(back.code).toBe(0);
    expect(jsonOf(back)).toMatchObject({ before: 'absent', rows_loaded: active });
    const left = await withMongo(project.env['MONGO_URL']!, (database) => database.listCollections({ name: 'users' }).toArray());
    expect(left).toEqual([]);
  });

  test('rejects rows into a table, and loads them after a fix by retry-dead-letters', async () => {
    await using project = await etlProject();
    await project.write(
      'etl/users.yaml',
      spec
        .replace('steps:', 'max_rejected: 10\ndead_letters: { table: rejected }\nsteps:')
        .replace('metadata:', 'initial: { type: function, function: cast, args: [last_name, { value: int32 }] }\n      metadata:')
        .replace('conditions: { active: true }', 'conditions: { id: { lte: 2 } }'),
    );
    const run = (...args: string[]) => runCommand(project.folder, ['etl', ...args], project.env);
    const loaded = await run('run', 'etl/users.yaml');
    expect(loaded).toMatchObject({ code: 0, stdout: expect.stringContaining('2 rejected') });
    expect(loaded.stdout).toContain('are in the table rejected of the target');
    await sql(project.env['PG_URL']!, "UPDATE users SET last_name = '7' WHERE id = 1");
    const retried = await run('retry-dead-letters', 'etl/users.yaml');
    expect(retried.code).toBe(1);
    expect(retried.stdout).toMatch(/1 of 2 dead letters loaded[\s\S]*users 2 .*CONVERSION_FAILED/);
    await sql(project.env['PG_URL']!, "UPDATE users SET last_name = '8' WHERE id = 2");
    const last = await run('retry-dead-letters', 'etl/users.yaml', '--json');
    expect(last.code).toBe(0);
    expect(jsonOf(last)).toMatchObject({ letters: 1, loaded: 1, rejected: 0, not_found: 0, left: [] });
    expect(await run('retry-dead-letters', 'etl/users.yaml')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('there are no dead letters'),
    });
  });

  test('stopped in the middle, by a signal or by a kill, it goes on and loses nothing', async () => {
    await using project = await etlProject();
    const slow = spec.replace('batch_size: 100 ', 'batch_size: 1 ').replace('steps:', 'concurrency: 1\nsteps:');
    await project.write('etl/users.yaml', slow);
    // No folder of migrations: a project may have specs alone.
    await project.write('polyshift.config.yaml', 'stores: { main: { type: mongodb, url: "${MONGO_URL}" } }\nlease_seconds: 2\n');
    for (const [signal, code] of [
      ['SIGINT', 5],
      ['SIGKILL', null],
    ] as const) {
      const running = startCommand(project.folder, ['etl', 'run', 'etl/users.yaml', '--wait', '30', '--json'], project.env);
      await running.seen(/ load: [1-9]/);
      running.child.kill(signal);
      expect((await running.result).code).toBe(code);
    }
    // The lock of the killed one ends after two seconds.
    await new Promise((resolve) => setTimeout(resolve, 2500));
    const status = await runCommand(project.folder, ['status', '--json'], project.env);
    expect(jsonOf(status)).toMatchObject({
      etl: [
        {
          spec: 'users',
          file: 'etl/users.yaml',
          state: 'running',
          attempts: 2,
          targets: [{ collection: 'users', before: 'absent' }],
        },
      ],
    });
    expect((await runCommand(project.folder, ['status'], project.env)).stdout).toMatch(
      /users +users +running .*\nA load is half done/,
    );
    const doctor = await runCommand(project.folder, ['doctor'], project.env);
    expect(doctor.code).toBe(1);
    expect(doctor.stdout).toMatch(
      /the load of "users" \(etl\/users\.yaml\) stopped part-way[\s\S]*2 attempts[\s\S]*left by "etl run users"/,
    );
    expect(doctor.stdout).toMatch(
      /polyshift etl run etl\/users\.yaml +goes on[\s\S]*etl rollback etl\/users\.yaml +takes the load back: users is dropped/,
    );
    const unlocked = await runCommand(project.folder, ['unlock', '--spec', 'users', '--yes', '--json'], project.env);
    expect(jsonOf(unlocked)).toMatchObject({ released: { holder: { command: 'etl run users' } } });
    await project.write('etl/users.yaml', spec);
    const last = await runCommand(project.folder, ['etl', 'run', 'etl/users.yaml', '--wait', '30', '--json'], project.env);
    expect(last.code).toBe(0);
    expect(jsonOf(last)).toMatchObject({ outcome: 'done', resumed: true, rows_read: active });
    expect((await runCommand(project.folder, ['etl', 'verify', 'etl/users.yaml'], project.env)).code).toBe(0);
    expect(await runCommand(project.folder, ['doctor'], project.env)).toMatchObject({ code: 0 });
  });

  test('is done only when its checks pass', async () => {
    await using project = await etlProject();
    const checked = (count: number) =>
      spec.replace(
        'steps:',
        `checks:\n  before: [{ check: null_values, collection: users, fields: [first_name] }]\n  after: [{ check: row_count, collection: users, expect: { eq: ${count} }, action: Ask Ann. }, { check: same_row_count }]\nsteps:`,
      );
    await project.write('etl/users.yaml', checked(active + 1));
    const run = (...args: string[]) => runCommand(project.folder, ['etl', ...args], project.env);
    expect((await run('plan', 'etl/users.yaml')).stdout).toMatch(
      /before +null_values +source [\s\S]*after +same_row_count +both[\s\S]*the load stays, but is not done/,
    );
    const failed = await run('run', 'etl/users.yaml');
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(
      /"users" is loaded but not done: [\s\S]*FAILED .*row_count[\s\S]*→ Ask Ann\.[\s\S]*hint After a correction `polyshift etl run` only repeats the checks/,
    );
    await project.write('etl/users.yaml', checked(active));
    const done = await run('run', 'etl/users.yaml');
    expect(done.code).toBe(0);
    expect(done.stdout).toMatch(/PASS +null_values[\s\S]*PASS +row_count[\s\S]*PASS +same_row_count/);
  });

  test('names rejected rows, and the file that keeps them', async () => {
    await using project = await etlProject();
    await sql(project.env['PG_URL']!, "UPDATE users SET first_name = '12' WHERE id = 1");
    await project.write(
      'etl/users.yaml',
      spec
        .replace(/full_name: .*/, 'number: { type: function, function: cast, args: [first_name, { value: int32 }] }')
        .replace('steps:', 'max_rejected: "100%"\nsteps:'),
    );
    const result = await runCommand(project.folder, ['etl', 'run', 'etl/users.yaml'], project.env);
    expect(result.stderr).toMatch(/rejected \d+: conversion_failed: /);
    expect(result).toMatchObject({ code: 0 });
    expect(result.stdout).toMatch(/1 inserted, 899 rejected[\s\S]*are in etl\/users\.rejected\.ndjson/);
  });

  test.each<[string, (text: string) => string, string, number | undefined]>([
    ['bad YAML', (text) => text.replace('steps:', 'steps: ['), 'INVALID_SYNTAX', undefined],
    ['an unknown key', (text) => text.replace('source_table', 'sourcetable'), 'INVALID_DOCUMENT', 5],
    ['an unknown field', (text) => text.replace('_id: id', '_id: idd'), 'UNKNOWN_FIELD', 8],
    ['an unknown function', (text) => text.replace('function: pack', 'function: pakc'), 'UNKNOWN_FUNCTION', 10],
    ['an unknown table', (text) => text.replace('source_table: users', 'source_table: uzers'), 'UNKNOWN_COLLECTION', 5],
    ['a missing variable', (text) => text.replace('PG_URL', 'NO_SUCH_URL'), 'MISSING_ENVIRONMENT', 2],
    ['an unknown store', (text) => text.replace('type: mongodb', 'type: mongo'), 'UNKNOWN_STORE', 3],
    ['a store that the configuration lacks', (text) => text.replace(/source: .*/, 'source: { store: main }'), 'UNKNOWN_STORE', 2],
  ])('%s is exit code 2, with the place', async (_case, change, code, line) => {
    await using project = await etlProject();
    await project.write('etl/users.yaml', change(spec));
    const result = await runCommand(project.folder, ['etl', 'run', 'etl/users.yaml', '--json'], project.env);
    expect(jsonErrorOf(result)).toMatchObject({ code, hint: expect.any(String) });
    expect(result.code).toBe(2);
    if (line !== undefined) expect(jsonErrorOf(result).place?.line).toBe(line);
    const left = await withMongo(project.env['MONGO_URL']!, (database) => database.listCollections().toArray());
    expect(left).toEqual([]);
  });

  test('takes its stores from the configuration, with only the variables that it needs', async () => {
    await using project = await etlProject();
    await project.write(
      'polyshift.config.yaml',
      'stores:\n  from: { type: postgresql, url: "${PG_URL}" }\n  into: { type: mongodb, url: "${MONGO_URL}" }\n  other: { type: mysql, url: "${MYSQL_URL}" }\n',
    );
    await project.write(
      'etl/users.yaml',
      spec.replace(/source: .*/, 'source: { store: from }').replace(/target: .*/, 'target: { store: into }'),
    );
    const result = await runCommand(project.folder, ['etl', 'run', 'etl/users.yaml', '--json'], project.env);
    expect(jsonOf(result)).toMatchObject({ outcome: 'done', rows_inserted: active });
  });

  test.each(['run', 'plan', 'verify', 'rollback'])(
    '%s without a connection is exit code 3, and the password is not shown',
    async (command) => {
      await using project = await temporaryProject({ 'etl/users.yaml': spec });
      const env = {
        PG_URL: 'postgresql://app:s3cr3t@127.0.0.1:1/x',
        MONGO_URL: 'mongodb://app:s3cr3t@127.0.0.1:1/x?serverSelectionTimeoutMS=500',
      };
      const result = await runCommand(project.folder, ['etl', command, 'etl/users.yaml', '--json', '--yes'], env);
      expect(jsonErrorOf(result).code).toBe('CONNECTION_FAILED');
      expect(result.code).toBe(3);
      expect(result.stdout + result.stderr).not.toContain('s3cr3t');
    },
  );
});
