import { isPolyshiftError } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { commonSetUp } from './common-set-up.ts';
import { failed, StepDriver, testDatabase } from './harness.ts';

async function codeOf(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => 'done',
    (error: unknown) => (isPolyshiftError(error) ? error.code : error),
  );
}

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
