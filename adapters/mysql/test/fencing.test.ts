import { checkOperation, finalize, isPolyshiftError, type OperationHandler, type RunContext, up } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { migrationOf, server, servers, TestDatabase } from './harness.ts';

const holder = { id: 'a', host: 'h', pid: 1, command: 'up' };

describe.each(servers)('the fence on %s', (name) => {
  it('keeps a run that lost its lock from changing definition and rows', async () => {
    await using database = await TestDatabase.on(await server(name));
    await database.sql('CREATE TABLE users (id int PRIMARY KEY, a int)');
    await database.sql('INSERT INTO users VALUES (1, 1)');
    const { locks, journal } = database.session;
    await journal.ensure();
    const lock = await locks.acquire('migrations', holder, 30_000);
    if (!lock.acquired) throw new Error('a free lock was not given');
    await locks.breakLock('migrations');
    const before = await database.session.fingerprint('users');
    for (const input of [
      { type: 'add_field', collection: 'users', data: { field_name: 'b', type: 'int32' } },
      { type: 'create_index', collection: 'users', data: { name: 'by_a', keys: { a: 1 } } },
      { type: 'drop_collection', collection: 'users', data: {} },
      { type: 'migrate_data', collection: 'users', data: { set: { a: 'a + 1' } } },
      { type: 'run_sql', data: { up: 'DROP TABLE users' } },
      { type: 'run_sql', data: { up: 'UPDATE users SET a = 5' } },
    ] as const) {
      const operation = checkOperation(input);
      const handler = database.session.operations[operation.type] as unknown as OperationHandler;
      const run = contextOf(lock.token);
      const undo = await handler.prepare(operation, run);
      const error = await drain(handler.execute(operation, undo, run)).catch((thrown: unknown) => thrown);
      expect(isPolyshiftError(error, 'LEASE_LOST'), `${input.type}: ${String(error)}`).toBe(true);
    }
    expect(await database.session.fingerprint('users')).toEqual(before);
  });

  it('keeps another run from taking over while a change is being made', async () => {
    await using database = await TestDatabase.on(await server(name));
    await database.sql('CREATE TABLE users (id int PRIMARY KEY, a int)');
    const { locks, journal } = database.session;
    await journal.ensure();
    const lock = await locks.acquire('migrations', holder, 1);
    if (!lock.acquired) throw new Error('a free lock was not given');
    const operation = checkOperation({ type: 'add_field', collection: 'users', data: { field_name: 'b', type: 'int32' } });
    const handler = database.session.operations.add_field as unknown as OperationHandler;
    let taken: boolean | undefined;
    let rival: Promise<unknown> | undefined;
    const run: RunContext = {
      ...contextOf(lock.token),
      fault: async (place) => {
        if (place !== 'column_begun') return;
        // The lease has ended, and somebody else asks for it in the middle of the change.
        rival = locks.acquire('migrations', { ...holder, id: 'b' }, 30_000).then((result) => {
          taken = result.acquired;
        });
        await new Promise((resolve) => setTimeout(resolve, 300));
        expect(taken).toBeUndefined();
      },
    };
    await drain(handler.execute(operation, await handler.prepare(operation, run), run));
    expect((await database.sql("SHOW COLUMNS FROM users LIKE 'b'")).length).toBe(1);
    await rival;
    expect(taken).toBe(true);
  });
});

describe.each(servers)('finalize on %s', (name) => {
  it('drops what was kept aside, with the indexes and keys of a removed column', async () => {
    await using database = await TestDatabase.on(await server(name));
    await database.sql('CREATE TABLE countries (id int PRIMARY KEY)');
    await database.sql(
      `CREATE TABLE users (id int PRIMARY KEY, a int, b int, country int, KEY both_of (a, b), UNIQUE KEY only_b (b),
       CONSTRAINT of_country FOREIGN KEY (country) REFERENCES countries (id))`,
    );
    await database.sql('CREATE TABLE old (id int PRIMARY KEY)');
    await database.sql('INSERT INTO users (id, a, b) VALUES (1, 1, 1), (2, 1, 2)');
    const migrations = [
      migrationOf([
        { type: 'remove_field', collection: 'users', data: { field_name: 'b' } },
        { type: 'remove_field', collection: 'users', data: { field_name: 'country' } },
        { type: 'drop_collection', collection: 'old', data: {} },
      ]),
    ];
    await up({ session: database.session, migrations });
    await finalize({ session: database.session, migrations }, { version: '1' });
    const [shown] = await database.sql('SHOW CREATE TABLE users');
    expect(String(shown![1])).not.toMatch(/polyshift|both_of|only_b|of_country/);
    expect(await database.sql("SHOW TABLES LIKE 'polyshift_aside%'")).toEqual([]);
    expect(await database.sql('SELECT * FROM users ORDER BY id')).toEqual([
      [1, 1],
      [2, 1],
    ]);
  });
});

function contextOf(token: number): RunContext {
  return {
    run_id: 'test',
    version: '9',
    step: 0,
    aside: '9_0',
    fence: { lock: 'migrations', token },
    signal: new AbortController().signal,
    checkpoint: undefined,
    save: async () => {},
    guard: async () => {},
    fault: async () => {},
  };
}

async function drain(progress: AsyncIterable<unknown>): Promise<void> {
  for await (const _each of progress);
}
