import { Decimal128, Long, ObjectId } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { planEtl, rollbackEtl, runEtl, verifyEtl } from '../src/index.ts';
import { type AnyDocument, brokenAt, dependencies, failureOf, twoStores } from './two-stores.ts';

const stores = twoStores();
const id = new ObjectId('65f000000000000000000001');

async function people(): Promise<void> {
  await stores.documents.collection<AnyDocument>('people').insertMany([
    {
      _id: id,
      name: 'Ann',
      age: 30,
      big: Long.fromString('9007199254740993'),
      amount: Decimal128.fromString('12.50'),
      born: new Date('1990-05-01T12:00:00Z'),
      address: { city: 'Bonn', zip: '53111' },
      tags: ['a', 'b'],
      mixed: 1,
    },
    { _id: new ObjectId(), name: 'Bob', age: null, mixed: 'one' },
  ]);
}

const spec = (load: object = {}, more: object = {}, transform?: object) =>
  stores.spec({
    source: stores.mongodb,
    target: stores.postgresql,
    steps: [
      { type: 'extract', source_table: 'people', batch_size: 1 },
      ...(transform ? [{ type: 'transform', ...transform }] : []),
      { type: 'load', target_table: 'people', ...load },
    ],
    ...more,
  });
const columns = async () =>
  (
    await stores.sql.query<{ name: string; type: string }>(
      "SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute WHERE attrelid = 'people'::regclass AND attnum > 0 ORDER BY attnum",
    )
  ).rows.map(({ name, type }) => [name, type]);

describe('a table that documents without rules are loaded into', () => {
  it('gets its columns and their types from the documents', async () => {
    await people();
    const plan = await planEtl(spec(), dependencies());
    expect(plan.fields.map(({ target, target_type }) => [target, target_type])).toContainEqual(['big', 'bigint']);
    expect(await runEtl(spec(), dependencies())).toMatchObject({ rows_written: 2, rows_rejected: 0 });
    expect(await columns()).toEqual([
      ['_id', 'text'],
      ['name', 'text'],
      ['age', 'integer'],
      ['big', 'bigint'],
      ['amount', 'numeric'],
      ['born', 'timestamp with time zone'],
      ['address', 'jsonb'],
      ['tags', 'jsonb'],
      ['mixed', 'jsonb'],
    ]);
    const { rows } = await stores.sql.query(`SELECT * FROM people WHERE _id = '${id.toHexString()}'`);
    expect(rows).toMatchObject([
      {
        name: 'Ann',
        age: 30,
        big: '9007199254740993',
        amount: '12.50',
        address: { city: 'Bonn', zip: '53111' },
        tags: ['a', 'b'],
        mixed: 1,
      },
    ]);
    expect((await verifyEtl(spec(), dependencies())).ok).toBe(true);
    await rollbackEtl(spec(), dependencies());
    await expect(columns()).rejects.toThrow('does not exist');
  });

  it('has the key and the types that the spec names', async () => {
    await people();
    const named = spec({ key: ['id'], types: { age: 'int64', amount: 'numeric(12,2)', extra: 'text' } });
    await runEtl(named, dependencies());
    expect(await columns()).toEqual(
      expect.arrayContaining([
        ['id', 'text'],
        ['age', 'bigint'],
        ['amount', 'numeric(12,2)'],
        ['extra', 'text'],
      ]),
    );
    expect((await columns()).map(([name]) => name)).not.toContain('_id');
    expect((await verifyEtl(named, dependencies())).ok).toBe(true);
  });

  it('takes the key of a table that is there, by its name', async () => {
    await people();
    await stores.sql.query(
      'CREATE TABLE people (id text PRIMARY KEY, name text, age int, big int8, amount numeric, born timestamptz, address jsonb, tags jsonb, mixed jsonb, twice int GENERATED ALWAYS AS (age * 2) STORED)',
    );
    await runEtl(spec(), dependencies());
    expect((await stores.sql.query("SELECT twice FROM people WHERE name = 'Ann'")).rows).toEqual([{ twice: 60 }]);
    expect((await verifyEtl(spec(), dependencies())).ok).toBe(true);
    await rollbackEtl(spec(), dependencies());
    expect((await stores.sql.query('SELECT FROM people')).rowCount).toBe(0);
  });

  it('keeps its columns when a run goes on, whatever the documents look like by then', async () => {
    await people();
    const source = stores.documents.collection<AnyDocument>('people');
    await runEtl(spec(), brokenAt('etl.after_record', 1)).catch(() => undefined);
    await source.insertOne({ _id: new ObjectId('65f000000000000000000002'), name: 'Eve', later: true });
    const error = await failureOf(runEtl(spec(), dependencies()));
    expect(error).toMatchObject({ code: 'ROW_REJECTED' });
    expect(error.message).toContain('later: the target has no column of this name');
    expect(await stores.letters()).toMatchObject([{ code: 'UNKNOWN_FIELD', values: { name: 'Eve', later: true } }]);
    await stores.sql.query('ALTER TABLE people ADD COLUMN later boolean');
    expect((await failureOf(runEtl(spec(), dependencies()))).code).toBe('ROW_REJECTED');
    await stores.sql.query('ALTER TABLE people DROP COLUMN later');
    await source.deleteOne({ name: 'Eve' });
    expect(await runEtl(spec(), dependencies())).toMatchObject({ resumed: true, rows_rejected: 0 });
    expect((await columns()).map(([name]) => name)).not.toContain('later');
  });

  it('cannot be made of nothing', async () => {
    const error = await failureOf(runEtl(spec(), dependencies()));
    expect(error).toMatchObject({ code: 'UNKNOWN_COLLECTION' });
    await stores.documents.createCollection('people');
    expect(await failureOf(runEtl(spec(), dependencies()))).toMatchObject({ code: 'INVALID_DOCUMENT' });
    expect(await runEtl(spec({ key: ['id'], types: { id: 'text', name: 'text' } }), dependencies())).toMatchObject({
      rows_read: 0,
    });
    expect(await columns()).toEqual([
      ['id', 'text'],
      ['name', 'text'],
    ]);
  });
});

it('types of the spec convert values for a store whose fields have none', async () => {
  await stores.sql.query(`CREATE TABLE readings (id int PRIMARY KEY, value text, at timestamp);
    INSERT INTO readings VALUES (1, '12', '2024-01-01 10:00'), (2, 'x', NULL)`);
  const typed = stores.spec({
    max_rejected: 1,
    steps: [
      { type: 'extract', source_table: 'readings' },
      { type: 'load', target_table: 'readings', types: { value: 'int64', at: 'timestamptz' } },
    ],
  });
  await runEtl(typed, dependencies());
  expect(await stores.documents.collection<AnyDocument>('readings').find({}, { promoteLongs: false }).toArray()).toEqual([
    { _id: expect.anything(), id: expect.anything(), value: Long.fromNumber(12), at: new Date('2024-01-01T10:00:00Z') },
  ]);
  expect(await stores.letters()).toMatchObject([{ key: 2, code: 'CONVERSION_FAILED' }]);
  expect((await verifyEtl(typed, dependencies())).ok).toBe(true);
});
