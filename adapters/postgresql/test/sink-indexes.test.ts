import { leasedRun } from '@polyshift/testkit/conformance';
import { Client } from 'pg';
import { expect, it } from 'vitest';
import { testDatabase } from './harness.ts';
import { existing, open, target } from './sink-harness.ts';

it('keeps what a guarantee or another object depends on', async () => {
  await using database = await testDatabase(
    'CREATE TABLE cities (a integer, b integer, PRIMARY KEY (a, b))',
    `CREATE TABLE people (id integer PRIMARY KEY, a integer, b integer, name text, span int4range,
       FOREIGN KEY (a, b) REFERENCES cities, EXCLUDE USING gist (span WITH &&))`,
    'CREATE UNIQUE INDEX people_unique ON people (name) WHERE a > 1',
    'CREATE INDEX people_foreign ON people (b, a, name)',
    'CREATE INDEX people_part ON people (a)',
    'CREATE INDEX people_tied ON people (b)',
    'ALTER INDEX people_tied DEPENDS ON EXTENSION plpgsql',
    'INSERT INTO people VALUES (1), (2)',
  );
  // A build that a server refuses leaves an index that is not valid.
  await database.client.query('CREATE UNIQUE INDEX CONCURRENTLY people_broken ON people ((1))').catch(() => undefined);
  const columns = [{ ...target().columns[0]!, nullable: false }];
  const plan = await database.session.sink!.indexes!.plan(target({ columns }));
  expect(plan.dropped.map(({ name }) => name)).toEqual(['people_part']);
  expect(Object.fromEntries(plan.stays.map(({ name, why }) => [name, why]))).toEqual({
    people_broken: 'is not valid as it is: REINDEX it',
    people_foreign: 'serves the foreign key people_a_b_fkey',
    people_pkey: 'is the primary key',
    people_span_excl: 'carries the constraint people_span_excl',
    people_tied: 'is tied to other objects of the database',
    people_unique: 'keeps rows unique',
  });
});

it.each(['people', 'people_1'])('keeps all of the partitioned table %s', async (collection) => {
  await using database = await testDatabase(
    'CREATE TABLE people (id integer PRIMARY KEY, name text) PARTITION BY RANGE (id)',
    'CREATE TABLE people_1 PARTITION OF people FOR VALUES FROM (0) TO (100)',
    'CREATE INDEX people_name ON people (name)',
  );
  const { dropped, stays } = await database.session.sink!.indexes!.plan(target({ collection }));
  expect(dropped).toEqual([]);
  expect(stays.map(({ why }) => why).sort()).toEqual([
    'belongs to a partitioned table, whose indexes are not built while others write',
    'is the primary key',
  ]);
});

it('builds anew what a build that was cut off has left', async () => {
  await using database = await testDatabase(existing, 'CREATE INDEX people_name ON people (name) WHERE n > 1');
  const { sink, undo } = await open(database);
  const indexes = sink.indexes!;
  const { dropped } = await indexes.plan(target());
  await using leased = await leasedRun(database.session, 'load_1');
  const { run } = leased;
  const before = await database.session.fingerprint('people');
  await indexes.drop(undo, dropped[0]!, run);
  expect(await indexes.missing(undo, dropped)).toEqual(['people_name']);
  // A writer whose transaction is open keeps the build waiting, until its server process ends.
  const writer = new Client({ connectionString: database.url });
  await writer.connect();
  await writer.query("BEGIN; INSERT INTO people VALUES (1, 'a', 2)");
  const cut = indexes.build(undo, dropped[0]!, run).catch((error: { code: string }) => error.code);
  for (;;) {
    const ended = await database.sql(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX CONCURRENTLY people_name%' AND wait_event_type = 'Lock'`,
    );
    if (ended.length > 0) break;
  }
  expect(await cut).toBe('CONNECTION_LOST');
  await writer.query('ROLLBACK');
  await writer.end();
  expect(await database.sql(`SELECT indisvalid FROM pg_index WHERE indexrelid = 'people_name'::regclass`)).toEqual([
    { indisvalid: false },
  ]);
  expect(await indexes.missing(undo, dropped)).toEqual(['people_name']);
  await indexes.build(undo, dropped[0]!, run);
  expect(await indexes.missing(undo, dropped)).toEqual([]);
  expect(await database.session.fingerprint('people')).toEqual(before);
  // What a build that was cut off has left is dropped with the others, where the run goes on with rows.
  await database.sql(`UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'people_name'::regclass`);
  await indexes.drop(undo, dropped[0]!, run);
  expect(await database.sql(`SELECT to_regclass('people_name') AS found`)).toEqual([{ found: null }]);
});

it('drops nothing without its lock, and leaves alone an index of that name which is another', async () => {
  await using database = await testDatabase(existing, 'CREATE INDEX people_name ON people (name)');
  const { sink, undo } = await open(database);
  const indexes = sink.indexes!;
  const [index] = (await indexes.plan(target())).dropped;
  await using leased = await leasedRun(database.session, 'load_1');
  const { run } = leased;
  const outdated = { ...run, fence: { ...run.fence, token: run.fence.token - 1 }, guard: async () => undefined };
  await expect(indexes.drop(undo, index!, outdated)).rejects.toMatchObject({ code: 'LEASE_LOST' });
  expect(await indexes.missing(undo, [index!])).toEqual([]);
  await database.sql('DROP INDEX people_name; CREATE INDEX people_name ON people (extra)');
  await indexes.drop(undo, index!, run);
  await expect(indexes.build(undo, index!, run)).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
  await database.sql('DROP INDEX people_name; CREATE TABLE others (name text); CREATE INDEX people_name ON others (name)');
  await expect(indexes.build(undo, index!, run)).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
  await database.sql('DROP TABLE others, people');
  await indexes.build(undo, index!, run);
  expect(await indexes.missing(undo, [index!])).toEqual([]);
});
