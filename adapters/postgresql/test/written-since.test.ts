import { isPolyshiftError } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { commonSetUp } from './common-set-up.ts';
import { StepDriver, testDatabase } from './harness.ts';

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
