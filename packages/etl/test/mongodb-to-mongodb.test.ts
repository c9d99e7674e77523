import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mongodb from '@polyshift/mongodb';
import { type FreshDatabase, freshDatabase } from '@polyshift/testkit';
import type {} from '@polyshift/testkit/vitest-global-setup';
import { type Db, Int32, Long, MongoClient } from 'mongodb';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import { parseSpec, rollbackEtl, runEtl, type SpecInput, verifyEtl } from '../src/index.ts';

interface AnyDocument {
  _id: unknown;
  [field: string]: unknown;
}

let folder = '';
let source: FreshDatabase;
let target: FreshDatabase;
let client: MongoClient;
let from: Db;
let to: Db;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polyshift-etl-documents-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

beforeEach(async () => {
  source = await freshDatabase({ store: 'mongodb', url: inject('mongodbUrl') }, 'from');
  target = await freshDatabase({ store: 'mongodb', url: inject('mongodbUrl') }, 'to');
  client = await new MongoClient(source.url).connect();
  from = client.db(source.name);
  to = client.db(target.name);
  await from.collection<AnyDocument>('people').insertMany([
    {
      _id: 1,
      name: 'Ann',
      age: 30,
      address: { city: 'Bonn', zip: '53111' },
      tags: ['a', 'b'],
      big: Long.fromString('9007199254740993'),
    },
    { _id: 2, name: 'Bob', age: null, address: { city: 'Köln' }, extra: true },
    { _id: 'three', age: 10.5, tags: [] },
  ]);
});

afterEach(async () => {
  await client?.close();
  await source?.drop();
  await target?.drop();
});

const dependencies = { resolveAdapter: () => mongodb };
const specOf = (transform?: object): SpecInput =>
  ({
    name: 'people',
    source: { type: 'mongodb', url: source.url },
    target: { type: 'mongodb', url: target.url },
    steps: [
      { type: 'extract', source_table: 'people' },
      ...(transform ? [{ type: 'transform', ...transform }] : []),
      { type: 'load', target_table: 'people' },
    ],
  }) as SpecInput;
const run = async (transform?: object) => {
  const spec = parseSpec(specOf(transform), { cwd: folder });
  const report = await runEtl(spec, dependencies);
  const documents = await to.collection<AnyDocument>('people').find().sort({ _id: 1 }).toArray();
  expect((await verifyEtl(spec, dependencies)).checks.filter((check) => check.status === 'FAILED')).toEqual([]);
  await rollbackEtl(spec, dependencies);
  expect(await to.listCollections({ name: 'people' }).toArray()).toEqual([]);
  return { report, documents };
};

it('documents go through as they are, byte by byte', async () => {
  const raw = { promoteValues: false, promoteLongs: false } as const;
  const before = await from.collection('people').find({}, raw).sort({ _id: 1 }).toArray();
  const spec = parseSpec(specOf(), { cwd: folder });
  await runEtl(spec, dependencies);
  expect(await to.collection('people').find({}, raw).sort({ _id: 1 }).toArray()).toEqual(before);
});

it('rules read paths into documents; missing stays missing and null stays null', async () => {
  const { documents } = await run({
    transformation_rules: {
      _id: '_id',
      city: 'address.city',
      zip: 'address.zip',
      age: 'age',
      first_tag: { type: 'function', function: 'first', args: ['tags'] },
      packed: { type: 'function', function: 'pack', args: ['name', 'age', 'extra'] },
      label: { type: 'concatenate', fields: ['name', 'address.city'], separator: ', ' },
      grown: { type: 'expression', expression: 'age >= 18' },
      bigger: { type: 'expression', expression: 'big + 1' },
    },
  });
  expect(documents).toEqual([
    {
      _id: 1,
      city: 'Bonn',
      zip: '53111',
      age: 30,
      first_tag: 'a',
      packed: { name: 'Ann', age: 30 },
      label: 'Ann, Bonn',
      grown: true,
      bigger: Long.fromString('9007199254740994'),
    },
    {
      _id: 2,
      city: 'Köln',
      age: null,
      first_tag: null,
      packed: { name: 'Bob', age: null, extra: true },
      label: 'Bob, Köln',
      grown: null,
      bigger: null,
    },
    { _id: 'three', age: 10.5, first_tag: null, packed: { age: 10.5 }, label: null, grown: false, bigger: null },
  ]);
});

it('the rest of a document is kept where asked, without what is renamed or dropped', async () => {
  const { documents } = await run({
    transformation_rules: { years: 'age', city: { type: 'expression', expression: 'has(address.city) ? address.city : "?"' } },
    include_rest: true,
    drop: ['tags', 'big'],
  });
  expect(documents).toEqual([
    { _id: 1, years: 30, city: 'Bonn', name: 'Ann', address: { city: 'Bonn', zip: '53111' } },
    { _id: 2, years: null, city: 'Köln', name: 'Bob', address: { city: 'Köln' }, extra: true },
    { _id: 'three', years: 10.5, city: '?' },
  ]);
});

it('values that do not fit a rule reject their document, with its key', async () => {
  const spec = parseSpec(
    {
      ...specOf({ transformation_rules: { n: { type: 'function', function: 'cast', args: ['age', { value: 'int32' }] } } }),
      max_rejected: 1,
    },
    { cwd: folder },
  );
  const report = await runEtl(spec, dependencies);
  expect(report).toMatchObject({ rows_read: 3, rows_written: 2, rows_rejected: 1 });
  expect(await to.collection<AnyDocument>('people').find({}, { promoteValues: false }).sort({ _id: 1 }).toArray()).toEqual([
    { _id: new Int32(1), n: new Int32(30) },
    { _id: new Int32(2), n: null },
  ]);
});
