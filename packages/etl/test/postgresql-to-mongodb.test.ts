import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Adapter, isPolyshiftError } from '@polyshift/core';
import mongodb from '@polyshift/mongodb';
import postgresql from '@polyshift/postgresql';
import { type FreshDatabase, freshDatabase } from '@polyshift/testkit';
import type {} from '@polyshift/testkit/vitest-global-setup';
import { type Db, type Document, MongoClient } from 'mongodb';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import {
  type EtlDependencies,
  type EtlEvent,
  type FaultPlace,
  parseSpec,
  planEtl,
  rollbackEtl,
  runEtl,
  type SpecInput,
  verifyEtl,
} from '../src/index.ts';

let source: FreshDatabase;
let target: FreshDatabase;
let sql: Client;
let client: MongoClient;
let db: Db;
let folder = '';
const rowCount = 2400;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polyshift-etl-e2e-'));
  source = await freshDatabase({ store: 'postgresql', url: inject('postgresqlUrl') }, 'etl');
  sql = new Client({ connectionString: source.url });
  await sql.connect();
  await sql.query(`
    CREATE TABLE users (
      id int PRIMARY KEY, first_name text, last_name text, email text, age smallint, active boolean NOT NULL,
      balance numeric(12,2), created_at timestamptz, updated_at timestamptz
    );
    INSERT INTO users
    SELECT i, CASE WHEN i % 7 <> 0 THEN 'First' || i END, CASE WHEN i % 5 <> 0 THEN 'Läst ' || i END, 'u' || (i / 2) || '@example.org',
      CASE WHEN i % 11 <> 0 THEN i % 90 END, i % 4 <> 0, (i * 1.37)::numeric(12,2),
      timestamptz '2020-01-01 00:00:00.123Z' + i * interval '61 seconds', CASE WHEN i % 3 <> 0 THEN timestamptz '2024-05-06Z' + i * interval '1 ms' END
    FROM generate_series(1, ${rowCount}) AS i;
    ANALYZE users`);
});

afterAll(async () => {
  await sql?.end();
  await source?.drop();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  target = await freshDatabase({ store: 'mongodb', url: inject('mongodbUrl') }, 'etl');
  client = await new MongoClient(target.url).connect();
  db = client.db();
});

afterEach(async () => {
  await client?.close();
  await target?.drop();
});

const resolveAdapter = (type: string): Adapter => (type === 'postgresql' ? postgresql : mongodb);

const reference = (change: Partial<SpecInput> = {}): SpecInput => ({
  name: 'users',
  source: { type: 'postgresql', url: source.url },
  target: { type: 'mongodb', url: target.url },
  steps: [
    { type: 'extract', source_table: 'users', conditions: { active: true }, batch_size: 5000 },
    {
      type: 'transform',
      transformation_rules: {
        _id: 'id',
        full_name: { type: 'concatenate', fields: ['first_name', 'last_name'], separator: ' ' },
        metadata: { type: 'function', function: 'pack', args: ['created_at', 'updated_at'] },
        age_group: { type: 'expression', expression: "age < 18 ? 'minor' : 'adult'" },
      },
    },
    { type: 'load', target_table: 'users', batch_size: 1000 },
  ],
  ...change,
});

const loaded = (spec: SpecInput) => parseSpec(spec, { cwd: folder });
const deps = (more: Partial<EtlDependencies> = {}): EtlDependencies => ({ resolveAdapter, retry_pause_ms: 5, ...more });

/** The documents of the reference spec as SQL makes them, by id. */
async function expectedDocuments(): Promise<Map<number, unknown>> {
  const time = (column: string) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
  const { rows } = await sql.query<{ document: { _id: number } }>(`
    SELECT jsonb_build_object(
      '_id', id,
      'full_name', nullif(concat_ws(' ', first_name, last_name), ''),
      'metadata', jsonb_build_object('created_at', ${time('created_at')}, 'updated_at', ${time('updated_at')}),
      'age_group', CASE WHEN age < 18 THEN 'minor' WHEN age >= 18 THEN 'adult' END) AS document
    FROM users WHERE active`);
  return new Map(rows.map(({ document }) => [document._id, document]));
}

const contentOf = async (name: string): Promise<string> => {
  const documents = await db.collection(name).find().sort({ _id: 1 }).toArray();
  return JSON.stringify(documents);
};

/** Breaks the run off at the n-th time that a place is passed. */
function breakAt(place: FaultPlace, times: number): Partial<EtlDependencies> {
  let left = times;
  return {
    retries: 0,
    fault: (passed) => {
      if (passed === place && --left === 0) throw new Error(`broken off at ${place}`);
    },
  };
}

describe('the reference example', () => {
  it('gives the documents that SQL computes, every one', async () => {
    const events: EtlEvent[] = [];
    const report = await runEtl(loaded(reference()), deps({ emit: (event) => void events.push(event) }));
    expect(report).toMatchObject({ outcome: 'done', rows_read: 1800, rows_written: 1800, rows_rejected: 0, losses: [] });
    const expected = await expectedDocuments();
    expect(expected.size).toBe(1800);
    for await (const document of db.collection<Document>('users').find()) {
      expect(JSON.parse(JSON.stringify(document))).toEqual(expected.get(document['_id'] as unknown as number));
      expect(Object.keys(document)).toEqual(['_id', 'full_name', 'metadata', 'age_group']);
      expected.delete(document['_id'] as unknown as number);
    }
    expect(expected.size).toBe(0);
    expect(events.map((event) => event.kind)).toEqual(expect.arrayContaining(['run_started', 'progress', 'finished']));
  });

  it('is planned, verified and taken back', async () => {
    const plan = await planEtl(loaded(reference()), deps());
    expect(plan).toMatchObject({
      next: 'begin',
      source: { rows: 1800, key: ['id'] },
      target: { key: ['_id'], before: 'absent' },
    });
    expect(await db.listCollections().toArray()).toEqual([]);
    await runEtl(loaded(reference()), deps());
    const verified = await verifyEtl(loaded(reference()), deps());
    expect(verified).toMatchObject({
      ok: true,
      source_rows: 1800,
      target_rows: 1800,
      missing: { count: 0 },
      different: { count: 0 },
    });
    const users = db.collection<{ _id: number; full_name?: string }>('users');
    await users.updateOne({ _id: 1 }, { $set: { full_name: 'Somebody' } });
    await users.deleteOne({ _id: 2 });
    await users.insertOne({ _id: -1 });
    const differing = await verifyEtl(loaded(reference()), deps());
    expect(differing).toMatchObject({ ok: false, missing: { count: 1, examples: [2] }, extra: { count: 1 } });
    expect(differing.different.examples).toEqual([
      { key: 1, fields: [{ field: 'full_name', expected: 'First1 Läst 1', actual: 'Somebody' }] },
    ]);
    await users.deleteOne({ _id: -1 });
    await rollbackEtl(loaded(reference()), deps());
    expect(await db.listCollections({ name: 'users' }).toArray()).toEqual([]);
  });
});

describe('broken off', () => {
  // Every place is tried on the store in memory (crash.test.ts); here those around a write to the stores.
  const places: [FaultPlace, number][] = [
    ['etl.after_record', 1],
    ['etl.after_open', 1],
    ['etl.before_write', 1],
    ['etl.after_write', 2],
    ['etl.after_write', 9],
    ['etl.after_checkpoint', 3],
    ['etl.before_finish', 1],
  ];
  const spec = () => {
    const made = reference({ partitions: 2, concurrency: 3 });
    Object.assign(made.steps[0]!, { batch_size: 300 });
    Object.assign(made.steps[2]!, { batch_size: 70 });
    return made;
  };

  it.each(places)('at %s (%i) and resumed: nothing is missing and nothing doubled', async (place, times) => {
    await runEtl(loaded(spec()), deps(breakAt(place, times))).catch(() => undefined);
    const report = await runEtl(loaded(spec()), deps());
    expect(report).toMatchObject({ rows_read: 1800, rows_rejected: 0 });
    expect(await db.collection('users').countDocuments()).toBe(1800);
    expect((await verifyEtl(loaded(spec()), deps())).ok).toBe(true);
    await rollbackEtl(loaded(spec()), deps());
    expect(await db.listCollections({ name: 'users' }).toArray()).toEqual([]);
  });

  it.each([1, 4, 11])('at write %i and rolled back at once: the target is as it was', async (times) => {
    await db.collection<{ _id: number; old: boolean }>('users').insertMany([
      { _id: 10, old: true },
      { _id: 999_999, old: true },
    ]);
    const before = await contentOf('users');
    const upsert = spec();
    Object.assign(upsert.steps[2]!, { mode: 'upsert' });
    await runEtl(loaded(upsert), deps(breakAt('etl.after_write', times))).catch(() => undefined);
    expect(await contentOf('users')).not.toBe(before);
    await rollbackEtl(loaded(upsert), deps());
    expect(await contentOf('users')).toBe(before);
  });
});

describe('rows that cannot be loaded', () => {
  it('because their key came before are kept aside, also over an interruption, and none is lost', async () => {
    const spec = reference({ max_rejected: '60%', name: 'by_email', dead_letters: { file: 'by_email.ndjson' } });
    Object.assign(spec.steps[1]!, { transformation_rules: { _id: 'email', user: 'id' } });
    Object.assign(spec.steps[2]!, { batch_size: 100 });
    await runEtl(loaded(spec), deps(breakAt('etl.after_write', 6))).catch(() => undefined);
    const report = await runEtl(loaded(spec), deps());
    expect(report.resumed).toBe(true);
    const { rows } = await sql.query<{ distinct: string }>('SELECT count(DISTINCT email) AS distinct FROM users WHERE active');
    const distinct = Number(rows[0]!.distinct);
    expect(await db.collection('users').countDocuments()).toBe(distinct);
    expect(report.rows_rejected).toBe(1800 - distinct);
    const letters = (await readFile(join(folder, 'by_email.ndjson'), 'utf8')).trim().split('\n');
    expect(letters).toHaveLength(1800 - distinct);
    const kept = (await db.collection('users').find().toArray()).map((document) => document['user'] as number);
    const aside = letters.map((line) => (JSON.parse(line) as { values: { id: number } }).values.id);
    expect(new Set([...kept, ...aside]).size).toBe(1800);
    expect((await verifyEtl(loaded(spec), deps())).ok).toBe(true);
  });

  it('stop the run with the first one by default', async () => {
    const spec = reference();
    Object.assign(spec.steps[1]!, { transformation_rules: { _id: 'email' } });
    const error = await runEtl(loaded(spec), deps()).catch((caught: unknown) => caught);
    expect(isPolyshiftError(error, 'ROW_REJECTED')).toBe(true);
    await rollbackEtl(loaded(spec), deps());
    expect(await db.listCollections({ name: 'users' }).toArray()).toEqual([]);
  });
});

it('copies a table without rules: all columns, and the key as _id', async () => {
  const spec = reference();
  spec.steps.splice(1, 1);
  await runEtl(loaded(spec), deps());
  expect(Object.keys((await db.collection('users').findOne())!)).toEqual([
    '_id',
    'id',
    'first_name',
    'last_name',
    'email',
    'age',
    'active',
    'balance',
    'created_at',
    'updated_at',
  ]);
  expect((await verifyEtl(loaded(spec), deps())).ok).toBe(true);
});
