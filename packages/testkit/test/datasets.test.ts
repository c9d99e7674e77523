import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { corpusColumns } from '../src/datasets/corpus-columns.ts';
import { loadTypedCorpus } from '../src/datasets/typed-corpus.ts';
import { generateUsers, loadUsers } from '../src/datasets/users.ts';
import { loadVega } from '../src/datasets/vega.ts';
import { type FreshDatabase, freshDatabase } from '../src/servers/fresh-database.ts';

let database: FreshDatabase;
let client: Client;

beforeAll(async () => {
  database = await freshDatabase({ store: 'postgresql', url: inject('postgresqlUrl') }, 'datasets');
  client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query("SET timezone TO 'UTC'");
});

afterAll(async () => {
  await client?.end();
  await database?.drop();
});

async function one(sql: string): Promise<Record<string, unknown>> {
  return (await client.query(sql)).rows[0];
}

async function checksum(table: string): Promise<unknown> {
  return await one(`SELECT count(*)::int, md5(string_agg(t::text, E'\\n' ORDER BY t::text)) FROM ${table} AS t`);
}

describe('users', () => {
  test('are the same for the same seed, and others for another', async () => {
    expect(await loadUsers(database.url, { schema: 'first', rows: 5_000 })).toBe(5_000);
    await loadUsers(database.url, { schema: 'second', rows: 5_000 });
    await loadUsers(database.url, { schema: 'third', rows: 5_000, seed: 2 });
    expect(await checksum('first.users')).toEqual(await checksum('second.users'));
    expect(await checksum('first.users')).not.toEqual(await checksum('third.users'));
    // Loading again replaces.
    await loadUsers(database.url, { schema: 'third', rows: 5_000 });
    expect(await checksum('third.users')).toEqual(await checksum('first.users'));
  });

  test('are as messy as promised', async () => {
    await loadUsers(database.url, { rows: 20_000 });
    const facts = await one(`SELECT count(DISTINCT mail)::int AS mails, avg(active::int)::float AS active,
      count(*) FILTER (WHERE age < 18)::int > 1000 AS minors, count(*) FILTER (WHERE last_name LIKE '%''%') > 10 AS apostrophes,
      count(*) FILTER (WHERE first_name ~ '[^ -~]') > 500 AS unicode, count(*) FILTER (WHERE abs(balance) > 9e12) > 5 AS large,
      count(*) FILTER (WHERE extract(microseconds FROM created_at)::int % 1000 <> 0) > 19000 AS microseconds,
      bool_and(updated_at IS NULL OR updated_at > created_at) AS ordered, bool_or('{}' = tags) AS empty_tags,
      bool_or(array_position(tags, NULL) IS NOT NULL) AS null_tags FROM users`);
    expect(facts).toMatchObject({
      mails: 20_000,
      minors: true,
      apostrophes: true,
      unicode: true,
      large: true,
      microseconds: true,
    });
    expect(facts).toMatchObject({ ordered: true, empty_tags: true, null_tags: true });
    expect(facts['active']).toBeCloseTo(0.8, 1);
    for (const column of [
      'last_name',
      'age',
      'balance',
      'tags',
      'settings',
      'external_id',
      'avatar',
      'birth_date',
      'updated_at',
    ]) {
      expect(
        await one(`SELECT bool_or(${column} IS NULL) AS nulls, bool_or(${column} IS NOT NULL) AS values FROM users`),
      ).toEqual({
        nulls: true,
        values: true,
      });
    }
    expect(
      await one("INSERT INTO users (first_name, mail, active, created_at) VALUES ('a', 'b', true, now()) RETURNING id"),
    ).toEqual({
      id: '20001',
    });
  });

  test('are generated in constant memory', () => {
    const heap = process.memoryUsage().heapUsed;
    let count = 0;
    for (const row of generateUsers(100_000)) count += row.length > 0 ? 1 : 0;
    expect(count).toBe(100_000);
    expect(process.memoryUsage().heapUsed - heap).toBeLessThan(150 * 1024 * 1024);
  });
});

describe('vega', () => {
  test('keeps the tables as messy as they are', async () => {
    expect(await loadVega(database.url, 'vega')).toEqual({ movies: 3_201, zip_codes: 42_049, flights: 20_000 });
    expect(
      await one(`SELECT count(*) FILTER (WHERE title IS NULL)::int AS untitled, count(*) FILTER (WHERE title ~ '^[0-9]+$')::int AS numbers,
        count(*) FILTER (WHERE right(release_date, 4)::int > 2012) > 10 AS future, count(us_dvd_sales)::int AS dvd FROM vega.movies`),
    ).toEqual({ untitled: 1, numbers: 9, future: true, dvd: 564 });
    expect(await one("SELECT * FROM vega.zip_codes WHERE zip_code = '00501'")).toMatchObject({
      city: 'Holtsville',
      latitude: '40.922326',
    });
    expect(await one('SELECT * FROM vega.flights WHERE id = 1')).toEqual({
      id: '1',
      date: '2001/01/01 00:47',
      delay: 66,
      distance: 1750,
      origin: 'DTW',
      destination: 'LAS',
    });
    const before = await checksum('vega.movies');
    await loadVega(database.url, 'vega');
    expect(await checksum('vega.movies')).toEqual(before);
  });
});

describe('the typed corpus', () => {
  test('holds every value in its column and a row of nulls, and can be made again', async () => {
    const rows = await loadTypedCorpus(database.url, 'corpus');
    const before = await checksum('corpus.typed_corpus');
    expect(await loadTypedCorpus(database.url, 'corpus')).toBe(rows);
    expect(await checksum('corpus.typed_corpus')).toEqual(before);

    const version = Math.floor(Number((await one('SHOW server_version_num'))['server_version_num']) / 10_000);
    for (const [column, { values, ...rest }] of Object.entries(corpusColumns)) {
      if ('since' in rest && rest.since > version) continue;
      expect(await one(`SELECT count(${column})::int AS values FROM corpus.typed_corpus`), column).toEqual({
        values: values.length,
      });
    }
    const types = corpusColumns.float8_value.values.length;
    expect(types).toBeLessThan(rows);
    const last = await one(`SELECT * FROM corpus.typed_corpus WHERE id = ${rows}`);
    expect(Object.values(last).filter((value) => value !== null)).toEqual([rows]);
  });

  test('keeps the extremes', async () => {
    const facts =
      await one(`SELECT bool_or(float8_value::text = '-0') AS negative_zero, bool_or(length(bytea_value) = 256) AS bytes,
      bool_or(length(numeric_value::text) > 6000) AS digits, bool_or(timestamptz_value = 'infinity') AS infinity,
      bool_or(extract(year FROM date_value) < 0) AS bc, bool_or(json_value::text LIKE '%"a":1,  "a"%') AS verbatim,
      bool_or(text_array[0] = 'a') AS lower_bound FROM corpus.typed_corpus`);
    expect(Object.entries(facts).filter(([, kept]) => kept !== true)).toEqual([]);
  });
});
