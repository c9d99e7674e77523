import { isPolyshiftError } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { failed, StepDriver, testDatabase } from './harness.ts';
import { commonSetUp } from './operation-cases.ts';

async function codeOf(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => 'done',
    (error: unknown) => (isPolyshiftError(error) ? error.code : error),
  );
}

describe('what the application has written since', () => {
  it('stays when migrate_data is taken back, and is counted and named', async () => {
    await using database = await testDatabase(commonSetUp);
    const step = await StepDriver.create(database.session, {
      type: 'migrate_data',
      collection: 'users',
      data: { set: { n: 'n + 100' } },
      batch_size: 10,
    });
    await step.execute();
    await database.sql('UPDATE users SET n = -1 WHERE id IN (3, 44); DELETE FROM users WHERE id = 5');
    await database.sql("UPDATE users SET last_name = 'new' WHERE id = 6");
    await step.rollback();
    expect(await database.sql('SELECT id::int, n FROM users WHERE n <> id')).toEqual([
      { id: 3, n: -1 },
      { id: 44, n: -1 },
    ]);
    expect(await database.sql('SELECT last_name FROM users WHERE id = 6')).toEqual([{ last_name: 'new' }]);
    expect(step.notes).toEqual(['kept 3 rows written since (id=3; id=5; id=44)']);
  });

  it('is kept aside when add_field is taken back', async () => {
    await using database = await testDatabase(commonSetUp);
    const before = await database.session.fingerprint('users');
    const step = await StepDriver.create(database.session, {
      type: 'add_field',
      collection: 'users',
      data: { field_name: 'level', default_value: 1 },
    });
    await step.execute();
    await database.sql('UPDATE users SET level = 7 WHERE id IN (2, 9)');
    await step.rollback();
    expect(await database.session.fingerprint('users')).toEqual(before);
    await step.discard();
    expect(step.notes).toEqual(['kept 2 values written since in "polyshift_kept"."0001_0_1_level"']);
    expect(await database.sql('SELECT id::int, level FROM polyshift_kept."0001_0_1_level" ORDER BY id')).toEqual([
      { id: 2, level: 7 },
      { id: 9, level: 7 },
    ]);
  });

  it('refuses the way back of remove_field where a value is missing, and nothing is changed', async () => {
    await using database = await testDatabase(commonSetUp);
    const step = await StepDriver.create(database.session, {
      type: 'remove_field',
      collection: 'users',
      data: { field_name: 'first_name' },
    });
    await step.execute();
    await database.sql("INSERT INTO users (last_name) VALUES ('Late')");
    const between = await database.session.fingerprint('users');
    expect(await codeOf(step.rollback())).toBe('WRITTEN_SINCE');
    expect(await database.session.fingerprint('users')).toEqual(between);
    await database.sql("UPDATE users SET polyshift_aside_0001_0 = 'Given' WHERE last_name = 'Late'");
    await step.rollback();
    expect(await database.sql("SELECT first_name FROM users WHERE last_name = 'Late'")).toEqual([{ first_name: 'Given' }]);
  });

  it('is converted back by change_type where that is exact, and refused where it is not', async () => {
    await using database = await testDatabase(commonSetUp);
    const step = await StepDriver.create(database.session, {
      type: 'change_type',
      collection: 'users',
      data: { field_name: 'score', to: 'int32' },
    });
    await step.execute();
    await database.sql('UPDATE users SET score = 77 WHERE id = 4');
    await step.rollback();
    expect(await database.sql('SELECT id::int, score FROM users WHERE id IN (3, 4, 5) ORDER BY id')).toEqual([
      { id: 3, score: '3.75' },
      { id: 4, score: '77.00' },
      { id: 5, score: '6.25' },
    ]);
    const text = await StepDriver.create(
      database.session,
      { type: 'change_type', collection: 'users', data: { field_name: 'n', to: 'text' } },
      '0002_0',
    );
    await text.execute();
    await database.sql("UPDATE users SET n = 'twelve' WHERE id = 4");
    expect(await codeOf(text.rollback())).toBe('WRITTEN_SINCE');
    await database.sql("UPDATE users SET n = '12' WHERE id = 4");
    await text.rollback();
    expect(await database.sql('SELECT n FROM users WHERE id IN (4, 5) ORDER BY id')).toEqual([{ n: 12 }, { n: 5 }]);
  });

  it.each([
    [
      'create_collection',
      { type: 'create_collection', collection: 'fresh', data: { fields: [{ name: 'id', type: 'int64' }] } },
      'INSERT INTO fresh VALUES (1)',
    ],
    [
      'extract',
      { type: 'extract', collection: 'users', data: { into: 'copy', fields: ['id', 'n'] } },
      'UPDATE copy SET n = 0 WHERE id = 3',
    ],
  ] as const)('refuses the way back of %s', async (_name, operation, write) => {
    await using database = await testDatabase(commonSetUp);
    const step = await StepDriver.create(database.session, operation as never);
    await step.execute();
    await database.sql(write);
    expect(await codeOf(step.rollback())).toBe('WRITTEN_SINCE');
  });

  it.each([
    ['a check', { name: 'users_age_check' }, 'UPDATE users SET age = -1 WHERE id = 1'],
    ['a unique key', { name: 'users_email_key' }, "UPDATE users SET email = 'u1@example.org' WHERE id = 2"],
    ['a foreign key', { name: 'users_country' }, "UPDATE users SET country = 'XX' WHERE id = 2"],
    ['not null', { name: 'x', not_null: 'first_name' }, 'UPDATE users SET first_name = NULL WHERE id = 2'],
  ] as const)('refuses the way back of drop_constraint: %s', async (_name, data, write) => {
    await using database = await testDatabase(commonSetUp);
    const before = await database.session.fingerprint('users');
    const step = await StepDriver.create(database.session, { type: 'drop_constraint', collection: 'users', data });
    await step.execute();
    await database.client.query('BEGIN');
    await database.client.query(write);
    await database.client.query('COMMIT');
    expect(await codeOf(step.rollback())).toBe('WRITTEN_SINCE');
    await database.sql(`UPDATE users SET age = 1 + id % 80, email = CASE WHEN id % 5 <> 0 THEN 'u' || id || '@example.org' END,
      country = CASE id % 3 WHEN 0 THEN 'DE' WHEN 1 THEN 'FR' END, first_name = 'First ' || id`);
    await step.resumeRollback();
    expect(await database.session.fingerprint('users')).toEqual(before);
  });
});

describe('pre-checks stop', () => {
  it.each([
    [
      'a unique index on duplicates',
      { type: 'create_index', collection: 'users', data: { name: 'x', keys: { country: 1 }, unique: true } },
      'duplicates',
      /38 rows.*FR \(19 times\)/,
    ],
    [
      'a not-null on nulls',
      { type: 'add_constraint', collection: 'users', data: { name: 'x', constraint: { kind: 'not_null', field: 'email' } } },
      'null_values',
      /11 rows.*id=5/,
    ],
    [
      'a foreign key on orphans',
      {
        type: 'add_constraint',
        collection: 'users',
        data: {
          name: 'x',
          constraint: { kind: 'foreign_key', fields: ['n'], references: { collection: 'one', fields: ['id'] } },
        },
      },
      'orphans',
      /56 rows.*id=2, n=2/,
    ],
    [
      'a check on rows that break it',
      { type: 'add_constraint', collection: 'users', data: { name: 'x', constraint: { kind: 'check', expression: 'n < 50' } } },
      'constraint_holds',
      /8 rows.*id=50/,
    ],
    [
      'a change of type on values that do not convert',
      { type: 'change_type', collection: 'users', data: { field_name: 'last_name', to: 'int64' } },
      'values_convert',
      /49 values.*last_name=Last 1/,
    ],
    [
      'a change of type on values that are too long',
      { type: 'change_type', collection: 'users', data: { field_name: 'last_name', to: 'varchar(6)' } },
      'values_convert',
      /41 values.*last_name=Last 10/,
    ],
    [
      'remove_field under a view',
      { type: 'remove_field', collection: 'users', data: { field_name: 'born' } },
      'dependents',
      /view births/,
    ],
    [
      'remove_field under a generated column',
      { type: 'remove_field', collection: 'users', data: { field_name: 'age' } },
      'dependents',
      /twice/,
    ],
    [
      'drop_collection that others refer to',
      { type: 'drop_collection', collection: 'countries', data: {} },
      'dependents',
      /users_country/,
    ],
    [
      'a validation schema that rows break',
      { type: 'schema_validation', collection: 'users', data: { schema: { properties: { n: { maximum: 50 } } } } },
      'rows_valid',
      /7 rows/,
    ],
    [
      'load of keys that exist',
      { type: 'load', collection: 'countries', data: { rows: [{ code: 'DE', name: 'x' }] } },
      'keys_free',
      /1 rows/,
    ],
    [
      'a name that is taken',
      { type: 'rename_collection', collection: 'users', data: { new_name: 'users_name' } },
      'name_free',
      /index users_name/,
    ],
    [
      'a field that is missing',
      { type: 'rename_field', collection: 'users', data: { old_name: 'nick', new_name: 'x' } },
      'field_exists',
      /no column nick/,
    ],
    [
      'a table that is missing',
      { type: 'rename_field', collection: 'user', data: { old_name: 'nick', new_name: 'x' } },
      'collection_exists',
      /no table user/,
    ],
  ] as const)('%s', async (_name, operation, check, message) => {
    await using database = await testDatabase(
      commonSetUp,
      'CREATE TABLE one (id integer PRIMARY KEY); INSERT INTO one VALUES (1); CREATE VIEW births AS SELECT born FROM users',
    );
    const before = await database.session.fingerprint('users');
    const step = await StepDriver.create(database.session, operation as never);
    const found = failed(await step.check());
    expect(found.map((each) => each.check)).toContain(check);
    const first = found.find((each) => each.check === check)!;
    expect(first.message).toMatch(message);
    expect(first.action).not.toBe('');
    expect(await database.session.fingerprint('users')).toEqual(before);
  });

  it.each([
    [
      'a syntax error, by line and column',
      { type: 'run_sql', data: { up: 'SELECT 1;\nSELEC 2;' } },
      { code: 'INVALID_SYNTAX', place: { line: 2, column: 1, path: 'data.up' } },
    ],
    [
      'transactions inside a script',
      { type: 'run_sql', data: { up: 'BEGIN; SELECT 1; COMMIT' } },
      { code: 'UNSUPPORTED_OPERATION' },
    ],
    [
      'CONCURRENTLY inside a transaction',
      { type: 'run_sql', data: { up: 'CREATE INDEX CONCURRENTLY x ON users (n)' } },
      { code: 'UNSUPPORTED_OPERATION' },
    ],
    [
      'a key of another store',
      { type: 'create_index', collection: 'users', data: { name: 'x', keys: { born: '2d' } } },
      { code: 'UNSUPPORTED_OPERATION' },
    ],
    [
      'a schema that only warns',
      { type: 'schema_validation', collection: 'users', data: { schema: {}, action: 'warn' } },
      { code: 'UNSUPPORTED_OPERATION' },
    ],
    [
      'a keyword outside the subset',
      { type: 'schema_validation', collection: 'users', data: { schema: { properties: { n: { multipleOf: 2 } } } } },
      { code: 'UNSUPPORTED_OPERATION' },
    ],
    [
      'a stage of another store',
      { type: 'migrate_data', collection: 'users', data: { pipeline: [{ $project: { n: 1 } }] } },
      { code: 'UNSUPPORTED_OPERATION' },
    ],
    [
      'a type that is more than a type',
      { type: 'add_field', collection: 'users', data: { field_name: 'x', type: 'int; DROP TABLE users' } },
      { code: 'INVALID_DOCUMENT' },
    ],
  ] as const)('%s', async (_name, operation, error) => {
    await using database = await testDatabase(commonSetUp);
    const step = await StepDriver.create(database.session, operation as never);
    await expect(step.check()).rejects.toMatchObject(error);
  });

  it('run_sql without a down is not reversible, and nothing is changed', async () => {
    await using database = await testDatabase(commonSetUp);
    const step = await StepDriver.create(database.session, { type: 'run_sql', data: { up: 'CREATE TABLE made (id int)' } });
    await step.execute();
    expect(await codeOf(step.rollback())).toBe('NOT_REVERSIBLE');
    expect(await database.sql("SELECT to_regclass('made') IS NOT NULL AS there")).toEqual([{ there: true }]);
  });

  it('a holder who has lost the lock writes nothing', async () => {
    await using database = await testDatabase(commonSetUp);
    const step = await StepDriver.create(database.session, {
      type: 'migrate_data',
      collection: 'users',
      data: { set: { n: 'n + 1' } },
      batch_size: 10,
    });
    const before = await database.session.fingerprint('users');
    await step.prepare();
    await database.session.locks.breakLock(step.context.fence.lock);
    expect(await codeOf(step.execute())).toBe('LEASE_LOST');
    expect(await database.session.fingerprint('users')).toEqual(before);
  });
});
