import { up, verify } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { Contention } from '../src/online/contention.ts';
import { differ } from '../src/online/differ.ts';
import { failed, migrationOf, testDatabase } from './harness.ts';

/** Values of a type of which some are equal though their texts are not, or come near it. */
const values: Readonly<Record<string, readonly (string | null)[]>> = {
  smallint: ['0', '1', '-1', null],
  bigint: ['0', '9223372036854775807', '9223372036854775806', null],
  boolean: ['true', 'false', null],
  'numeric(12,2)': ['1', '1.00', '1.01', 'NaN', '0', '-0', null],
  'numeric(3,-2)': ['1234', '1200', '-100', '0'],
  numeric: ['1', '1.0', '1.00', 'NaN', 'Infinity', null],
  'double precision': ['0', '-0', 'NaN', '1', null],
  text: ['a', 'A', 'ä', 'a\u0308', '', ' ', null],
  'character varying(5)': ['a', 'A', 'a ', '', null],
  'character(5)': ['a', 'a ', 'b', null],
  uuid: ['00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-00000000000a', null],
  bytea: ['\\x', '\\x00', '\\x0000', null],
  date: ['2020-01-01', 'infinity', '-infinity', '0044-03-15 BC', null],
  'timestamp without time zone': ['2020-01-01', '2020-01-01 00:00:00.000001', 'infinity', null],
  'timestamp(3) with time zone': ['2020-01-01 00:00+00', '2020-01-01 01:00+01', '2020-01-01 00:00:00.001+00', null],
  'time without time zone': ['00:00', '24:00', null],
  'time with time zone': ['12:00+00', '13:00+01', null],
  interval: ['1 day', '24 hours', '1 mon', '30 days', null],
  jsonb: ['1', '1.0', '{"a": 1}', '{"a": 1.0}', null],
  json: ['{"a": 1}', '{"a":1}', null],
  'text[]': ['{a,b}', '[0:1]={a,b}', '{}', null],
  inet: ['10.0.0.1', '10.0.0.1/24', null],
};

describe('values of two versions', () => {
  it.each(Object.keys(values))('of %s are unlike exactly where their texts are', async (native) => {
    await using database = await testDatabase();
    const condition = differ([{ name: 'v', native }]);
    const rows = await database.sql(
      `SELECT f.v::text AS f, n.v::text AS n, ${condition} AS unlike, f.v::text IS DISTINCT FROM n.v::text AS expected
       FROM unnest($1::text[]) AS a(t) CROSS JOIN LATERAL (SELECT a.t::${native} AS v) AS f
       CROSS JOIN unnest($1::text[]) AS b(t) CROSS JOIN LATERAL (SELECT b.t::${native} AS v) AS n`,
      [values[native]],
    );
    expect(rows.length).toBe(values[native]!.length ** 2);
    expect(rows.filter(({ unlike, expected }) => unlike !== expected)).toEqual([]);
    expect(rows.some(({ unlike }) => unlike === true) && rows.some(({ unlike }) => unlike === false)).toBe(true);
  });

  it('are unlike by the letter in columns of any collation, of two even', async () => {
    await using database = await testDatabase(
      `CREATE COLLATION ignoring_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`,
      `CREATE TABLE f (v text COLLATE ignoring_case)`,
      `CREATE TABLE n (v text COLLATE "C")`,
      `INSERT INTO f VALUES ('a'), ('A')`,
      `INSERT INTO n VALUES ('a'), ('A')`,
    );
    const condition = differ([{ name: 'v', native: 'text' }]);
    expect(await database.sql(`SELECT f.v AS f, n.v AS n FROM f, n WHERE NOT ${condition} ORDER BY f.v COLLATE "C"`)).toEqual([
      { f: 'A', n: 'A' },
      { f: 'a', n: 'a' },
    ]);
  });
});

describe('rows of two versions', () => {
  const order = { 'in the order of their key': 'g', 'in no order': 'md5(g::text)' };
  const cases = Object.entries(order).flatMap(([how, by]) => [false, true].map((waiting) => ({ how, by, waiting })));
  it.each(cases)('that lie $how are held against each other, with writes unsettled: $waiting', async ({ by, waiting }) => {
    await using database = await testDatabase(
      `CREATE TABLE users (id integer PRIMARY KEY, name text, age integer, score numeric)`,
      `INSERT INTO users SELECT g, 'n' || g, g, g / 8.0 FROM generate_series(1, 1000) AS g ORDER BY ${by}`,
      `ANALYZE users`,
    );
    const operations = [
      { type: 'change_type', data: { field_name: 'age', to: 'int64' } },
      { type: 'add_field', data: { field_name: 'lower_name', type: 'text' } },
      { type: 'migrate_data', data: { set: { lower_name: 'lower(name)' } } },
    ];
    const change = { type: 'online_change', collection: 'users', data: { operations } };
    const runner = { session: database.session, migrations: [migrationOf('0002', [change as never])] };
    await up(runner);
    const equal = await verify(runner);
    expect(failed(equal.checks)).toEqual([]);
    expect(equal.checks.find(({ check }) => check === 'versions_equal')?.data).toMatchObject({ old: 1000, new: 1000 });
    await database.sql('ALTER TABLE public_0002.users DISABLE TRIGGER ALL');
    await database.sql('DELETE FROM public_0002.users WHERE id IN (1, 1000)');
    await database.sql(`INSERT INTO public_0002.users VALUES (1001, 'n')`);
    await database.sql('UPDATE public_0002.users SET age = 0 WHERE id = 500');
    await database.sql('UPDATE public_0002.users SET score = 1.0 WHERE id = 8');
    await database.sql(`UPDATE public_0002.users SET name = 'N7' WHERE id = 7`);
    await database.sql(`UPDATE public_0002.users SET lower_name = 'by hand' WHERE id BETWEEN 20 AND 26`);
    if (waiting) {
      await database.sql(
        `INSERT INTO polyshift_aside_0002_0.unsettled_writes (side, key, operation, refused) VALUES ('old', '{7}', 'UPDATE', false), ('new', '{1001}', 'INSERT', false)`,
      );
    }
    const { checks } = await verify(runner);
    // 1.0 in the place of 1.00000 is another value.
    expect(checks.find(({ check }) => check === 'versions_equal')?.data).toEqual({
      old: 1000,
      new: 999,
      missing: 2,
      extra: waiting ? 0 : 1,
      different: waiting ? 2 : 3,
    });
    expect(checks.find(({ check }) => check === 'derived_values')?.message).toMatch(/^7 rows /);
  });
});

describe('rows that are there already', () => {
  it('are expected after a chunk has met one, the longer the more often it happens', () => {
    const contention = new Contention();
    const run = (): number => {
      contention.met();
      let chunks = 0;
      while (contention.expected()) chunks++;
      return chunks;
    };
    expect(contention.expected()).toBe(false);
    expect([run(), run(), run(), run(), run(), run(), run(), run()]).toEqual([1, 2, 4, 8, 16, 32, 64, 64]);
    contention.missed();
    expect(run()).toBe(32);
    for (let chunk = 0; chunk < 10; chunk++) contention.missed();
    expect(run()).toBe(1);
  });
});
