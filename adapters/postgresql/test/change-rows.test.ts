import { expect, it } from 'vitest';
import { failed, StepDriver, type TestDatabase, testDatabase } from './harness.ts';

const setUp = `CREATE TABLE t (id integer PRIMARY KEY, n integer NOT NULL, note text);
INSERT INTO t SELECT g, g, 'x' FROM generate_series(1, 100) AS g`;

const increment = { type: 'migrate_data', collection: 't', data: { set: { n: 'n + 1' } }, batch_size: 30 } as const;

/** Does something while a transaction of the test has rows that the step waits for, then lets it go on. */
async function whileHeld(database: TestDatabase, hold: string, work: () => Promise<void>): Promise<void> {
  await database.sql(`BEGIN; ${hold}`);
  const done = work();
  for (;;) {
    const [waits] = await database.sql(
      `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'polyshift' AND wait_event_type = 'Lock'`,
    );
    if (Number(waits!['n']) > 0) break;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await database.sql('COMMIT');
  await done;
}

it('rows that a trigger refuses keep their image, and are named; all others are changed once', async () => {
  await using database = await testDatabase(
    setUp,
    `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF NEW.id % 10 = 0 THEN RETURN NULL; END IF; NEW.note := NEW.note || ''t''; RETURN NEW; END'`,
    'CREATE TRIGGER refuse BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION refuse()',
  );
  const before = await database.session.fingerprint('t');
  const step = await StepDriver.create(database.session, increment);
  await step.execute();
  expect(await database.sql(`SELECT count(*)::int AS n FROM t WHERE n = id + 1 AND note = 'xt'`)).toEqual([{ n: 90 }]);
  const [check] = failed(await step.verify());
  expect(check).toMatchObject({ check: 'rows_changed' });
  expect(check!.message).toMatch(/^10 rows were not changed \(id=10; id=20; /);
  await step.execute();
  expect(await database.sql(`SELECT count(*)::int AS n FROM t WHERE n = id + 1 AND note = 'xt'`)).toEqual([{ n: 90 }]);
  await step.rollback();
  expect(await database.session.fingerprint('t')).toEqual(before);
});

it('rows that get another key, other values or are deleted while they are waited for are changed once, as they are then', async () => {
  await using database = await testDatabase(setUp);
  const step = await StepDriver.create(database.session, increment);
  await step.prepare();
  await whileHeld(
    database,
    `UPDATE t SET id = 1000 WHERE id = 5; UPDATE t SET id = 0 WHERE id = 7; UPDATE t SET n = 1000 WHERE id = 8; DELETE FROM t WHERE id = 9; INSERT INTO t VALUES (-1, -1, 'x')`,
    () => step.execute(),
  );
  const expected = Array.from({ length: 100 }, (_, at) => at + 1)
    .filter((id) => ![5, 7, 8, 9].includes(id))
    .map((id) => [id, id + 1]);
  expected.push([1000, 6], [0, 8], [8, 1001], [-1, 0]);
  const rows = await database.sql('SELECT id, n FROM t ORDER BY id');
  expect(rows.map(({ id, n }) => [id, n])).toEqual(expected.sort(([a], [b]) => a! - b!));
  expect(failed(await step.verify())).toEqual([]);
  await step.rollback();
  const back = expected.map(([id, n]) => [id, n! - 1]);
  expect((await database.sql('SELECT id, n FROM t ORDER BY id')).map(({ id, n }) => [id, n])).toEqual(back);
});

it('expressions may name tables by any name', async () => {
  await using database = await testDatabase(
    setUp,
    'CREATE TABLE picked AS SELECT 7 AS v',
    'CREATE TABLE changed AS SELECT 8 AS v',
    'CREATE TABLE kept AS SELECT 9 AS v',
  );
  const step = await StepDriver.create(database.session, {
    type: 'migrate_data',
    collection: 't',
    data: { set: { n: '(SELECT v FROM picked) * (SELECT v FROM changed) * (SELECT v FROM kept) + id' } },
  });
  await step.execute();
  expect(await database.sql('SELECT count(*)::int AS n FROM t WHERE n = 504 + id')).toEqual([{ n: 100 }]);
});

it.each(['add_field with conditions', 'migrate_data'])(
  '%s reads a column that was added just now by the index of the key',
  async (how) => {
    await using database = await testDatabase(
      setUp,
      `INSERT INTO t SELECT g, g, repeat('x', 100) FROM generate_series(101, 20000) AS g`,
      'ANALYZE t',
      'ALTER TABLE t ADD COLUMN fresh text',
    );
    const known = `SELECT attname AS name FROM pg_stats WHERE tablename = 't' ORDER BY attname`;
    expect((await database.sql(known)).map(({ name }) => name)).toEqual(['id', 'n', 'note']);
    const step = await StepDriver.create(
      database.session,
      how === 'migrate_data'
        ? { ...increment, batch_size: 1000, conditions: { fresh: null } }
        : {
            type: 'add_field',
            collection: 't',
            conditions: { n: { gte: 1 } },
            data: { field_name: 'flag', type: 'text', default_value: 'yes' },
          },
    );
    await step.execute();
    expect(failed(await step.verify())).toEqual([]);
    expect((await database.sql(known)).map(({ name }) => name)).toContain('fresh');
    const rows = how === 'migrate_data' ? 'n = id + 1' : `flag = 'yes'`;
    expect(await database.sql(`SELECT count(*)::int AS n FROM t WHERE ${rows}`)).toEqual([{ n: 20_000 }]);
    const plan = await database.sql('EXPLAIN SELECT id FROM t WHERE fresh IS NULL AND id > 100 ORDER BY id LIMIT 1000');
    expect(JSON.stringify(plan)).toContain('Index Scan using t_pkey');
  },
);
