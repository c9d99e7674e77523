import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mongodb from '@polyshift/mongodb';
import postgresql from '@polyshift/postgresql';
import { type FreshDatabase, freshDatabase } from '@polyshift/testkit';
import type {} from '@polyshift/testkit/vitest-global-setup';
import { Decimal128, Long, MongoClient } from 'mongodb';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import {
  type EtlDependencies,
  type FaultPlace,
  parseSpec,
  planEtl,
  rollbackEtl,
  runEtl,
  type SpecInput,
  verifyEtl,
} from '../src/index.ts';

let folder = '';
let source: FreshDatabase;
let target: FreshDatabase;
let from: Client;
let to: Client;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polyshift-etl-sql-'));
  source = await freshDatabase({ store: 'postgresql', url: inject('postgresqlUrl') }, 'from');
  from = new Client({ connectionString: source.url });
  await from.connect();
  await from.query(`
    CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
    CREATE TABLE typed (
      id bigint PRIMARY KEY, t text, n numeric, m numeric(12,2), f float8, b boolean, d date, ts timestamp, tz timestamptz, i interval,
      u uuid, x bytea, j json, jb jsonb, a int[], ta text[], e mood, r int4range, ip inet
    );
    INSERT INTO typed VALUES
      (9007199254740993, 'Zoë "quoted" \\ back
slash', 123456789012345678901234567890.123456789, -1.50, 'NaN', true, 'infinity', '2024-01-01 00:00:00.123456', '2024-01-01 00:00:00.654321+02', '1 year 2 mons 3 days -04:05:06.789',
       'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '\\x00ff', '{"b":  1, "a": [null]}', '{"b": 1}', '{{1,NULL},{3,4}}', '{"a,b",NULL,"NULL"}', 'ok', '[1,5)', '10.0.0.1/8'),
      (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
      (3, '', 0, 0, '-0', false, '0044-03-15 BC', 'infinity', '-infinity', '0', '00000000-0000-0000-0000-000000000000', '', 'null', 'null', '{}', '{}', 'sad', 'empty', '::1');
    CREATE TABLE numbers AS SELECT i::int AS id, i * 2 AS double, 'n' || i AS name FROM generate_series(1, 5000) AS i;
    ALTER TABLE numbers ADD PRIMARY KEY (id); ANALYZE numbers`);
});

afterAll(async () => {
  await from?.end();
  await source?.drop();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  target = await freshDatabase({ store: 'postgresql', url: inject('postgresqlUrl') }, 'to');
  to = new Client({ connectionString: target.url });
  await to.connect();
});

afterEach(async () => {
  await to?.end();
  await target?.drop();
});

const dependencies = (more: Partial<EtlDependencies> = {}): EtlDependencies => ({
  resolveAdapter: (type) => (type === 'postgresql' ? postgresql : mongodb),
  retries: 0,
  ...more,
});
const specOf = (
  table: string,
  steps: { transform?: object; load?: object; extract?: object } = {},
  more: Partial<SpecInput> = {},
) =>
  parseSpec(
    {
      name: table,
      source: { type: 'postgresql', url: source.url },
      target: { type: 'postgresql', url: target.url },
      steps: [
        { type: 'extract', source_table: table, batch_size: 400, ...steps.extract },
        ...(steps.transform ? [{ type: 'transform', ...steps.transform }] : []),
        { type: 'load', target_table: table, batch_size: 300, ...steps.load },
      ],
      ...more,
    } as SpecInput,
    { cwd: folder },
  );
const rowsOf = async (client: Client, table: string) =>
  (await client.query<{ row: string }>(`SELECT t::text AS row FROM ${table} AS t ORDER BY id`)).rows.map(({ row }) => row);

it('values of every type arrive as they were', async () => {
  await to.query("CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')");
  const spec = specOf('typed');
  const report = await runEtl(spec, dependencies());
  expect(report).toMatchObject({ rows_written: 3, losses: [] });
  expect(await rowsOf(to, 'typed')).toEqual(await rowsOf(from, 'typed'));
  expect((await verifyEtl(spec, dependencies())).ok).toBe(true);
});

it.each<[FaultPlace, number]>([
  ['etl.after_open', 1],
  ['etl.before_write', 2],
  ['etl.after_write', 1],
  ['etl.after_write', 8],
  ['etl.after_checkpoint', 2],
  ['etl.before_finish', 1],
])(
  'broken off at %s (%i): resumed and rolled back, into a table that was absent, and into one with rows',
  async (place, times) => {
    await to.query(`CREATE TABLE filled (id int PRIMARY KEY, double bigint, name text, own text DEFAULT 'mine');
    INSERT INTO filled SELECT i, -1, 'old' FROM generate_series(4900, 5100) AS i`);
    const before = await rowsOf(to, 'filled');
    const breakOff = (): Partial<EtlDependencies> => {
      let left = times;
      return {
        fault: (passed) => {
          if (passed === place && --left === 0) throw new Error('broken off');
        },
      };
    };
    for (const spec of [
      specOf('numbers', {}, { partitions: 2 }),
      specOf('numbers', { load: { target_table: 'filled', mode: 'upsert' } }, { name: 'filled', partitions: 2 }),
    ]) {
      await runEtl(spec, dependencies(breakOff())).catch(() => undefined);
      const report = await runEtl(spec, dependencies());
      expect(report).toMatchObject({ rows_read: 5000, rows_rejected: 0 });
      expect((await verifyEtl(spec, dependencies())).checks.filter((check) => check.status === 'FAILED')).toEqual([]);
    }
    expect(await rowsOf(to, 'numbers')).toEqual(await rowsOf(from, 'numbers'));
    expect((await to.query('SELECT count(*)::int AS n FROM filled')).rows).toEqual([{ n: 5100 }]);
    expect((await to.query("SELECT count(*)::int AS n FROM filled WHERE name LIKE 'n%' AND own = 'mine'")).rows).toEqual([
      { n: 5000 },
    ]);
    await rollbackEtl(specOf('numbers'), dependencies());
    await rollbackEtl(
      specOf('numbers', { load: { target_table: 'filled', mode: 'upsert' } }, { name: 'filled' }),
      dependencies(),
    );
    expect((await to.query("SELECT to_regclass('numbers') AS table")).rows).toEqual([{ table: null }]);
    expect(await rowsOf(to, 'filled')).toEqual(before);
  },
);

it('rules give the columns of the new table their types', async () => {
  const rules = {
    id: 'id',
    label: { type: 'concatenate', fields: ['name', 'double'], separator: ':' },
    half: { type: 'function', function: 'divide', args: ['double', { value: 4 }] },
    even: { type: 'expression', expression: 'id % 2 == 0' },
    small: { type: 'expression', expression: 'id + 1', to: 'int32' },
    note: { type: 'constant', value: 'moved' },
  };
  const spec = specOf('numbers', { transform: { transformation_rules: rules } });
  const plan = await planEtl(spec, dependencies());
  expect(plan.fields.map((field) => [field.target, field.type])).toEqual([
    ['id', 'integer'],
    ['label', 'text'],
    ['half', 'decimal'],
    ['even', 'boolean'],
    ['small', 'int32'],
    ['note', 'text'],
  ]);
  await runEtl(spec, dependencies());
  const { rows } = await to.query(
    'SELECT id, label, half::text, even, small, note, pg_typeof(half)::text AS type FROM numbers WHERE id = 3',
  );
  expect(rows).toEqual([{ id: 3, label: 'n3:6', half: '1.5', even: false, small: 4, note: 'moved', type: 'numeric' }]);
});

it('takes documents into columns', async () => {
  await using documents = await freshDatabase({ store: 'mongodb', url: inject('mongodbUrl') }, 'from');
  const client = await new MongoClient(documents.url).connect();
  await client
    .db()
    .collection<{ _id: number; [field: string]: unknown }>('people')
    .insertMany([
      {
        _id: 1,
        name: 'Ann',
        big: Long.fromString('9007199254740993'),
        amount: Decimal128.fromString('1.50'),
        address: { city: 'Bonn' },
        tags: ['x'],
      },
      { _id: 2, name: null },
    ]);
  await client.close();
  const cast = (field: string, type: string) => ({
    type: 'function',
    function: 'cast',
    args: [field, { value: type }],
  });
  const spec = specOf(
    'people',
    {
      transform: {
        transformation_rules: {
          id: cast('_id', 'int32'),
          name: cast('name', 'text'),
          big: cast('big', 'int64'),
          amount: cast('amount', 'decimal'),
          city: cast('address.city', 'text'),
          tags: cast('tags', 'json'),
        },
      },
      load: { key: ['id'] },
    },
    { source: { type: 'mongodb', url: documents.url } },
  );
  await runEtl(spec, dependencies());
  const { rows } = await to.query('SELECT id, name, big::text, amount::text, city, tags FROM people ORDER BY id');
  expect(rows).toEqual([
    { id: 1, name: 'Ann', big: '9007199254740993', amount: '1.50', city: 'Bonn', tags: ['x'] },
    { id: 2, name: null, big: null, amount: null, city: null, tags: null },
  ]);
  expect((await verifyEtl(spec, dependencies())).ok).toBe(true);
});
