import { describe, expect, it } from 'vitest';
import { retryDeadLetters, rollbackEtl, runEtl, verifyEtl } from '../src/index.ts';
import { type AnyDocument, brokenAt, dependencies, failureOf, twoStores } from './two-stores.ts';

const stores = twoStores();

async function readings(): Promise<void> {
  await stores.documents
    .collection<AnyDocument>('readings')
    .insertMany(
      Array.from({ length: 60 }, (_, index) => ({ _id: index + 1, value: index % 20 === 5 ? 'bad' : index, unit: 'C' })),
    );
}

const toTable = (more: object = {}, rules: object = {}) =>
  stores.spec({
    source: stores.mongodb,
    target: stores.postgresql,
    max_rejected: '10%',
    dead_letters: { table: 'rejected' },
    ...more,
    steps: [
      { type: 'extract', source_table: 'readings', batch_size: 20 },
      {
        type: 'transform',
        transformation_rules: {
          id: '_id',
          value: { type: 'function', function: 'cast', args: ['value', { value: 'int32' }] },
          ...rules,
        },
      },
      { type: 'load', target_table: 'readings', batch_size: 10, types: { id: 'int32' } },
    ],
  });
const rejected = async () => (await stores.sql.query('SELECT * FROM rejected ORDER BY row_key::int, spec')).rows;
const count = async () => (await stores.sql.query<{ n: number }>('SELECT count(*)::int AS n FROM readings')).rows[0]!.n;

describe('a table of dead letters', () => {
  it('keeps key, reason and row, lets them go when they are loaded, and goes with the load', async () => {
    await readings();
    const spec = toTable();
    const report = await runEtl(spec, dependencies());
    expect(report).toMatchObject({ rows_rejected: 3, rejected_file: null, rejected_table: 'rejected' });
    expect(await rejected()).toMatchObject([
      { spec: 'two', source_table: 'readings', row_key: '6', code: 'CONVERSION_FAILED', target_table: null },
      { row_key: '26' },
      { row_key: '46', source_row: '{"_id":46,"value":"bad"}' },
    ]);
    expect((await verifyEtl(spec, dependencies())).ok).toBe(true);
    await stores.documents
      .collection<AnyDocument>('readings')
      .updateMany({ _id: { $in: [6, 26] } } as never, { $set: { value: 1 } });
    expect(await retryDeadLetters(spec, dependencies())).toMatchObject({
      letters: 3,
      loaded: 2,
      rejected: 1,
      not_found: 0,
      rows_written: 2,
      left: [{ key: 46, code: 'CONVERSION_FAILED' }],
    });
    expect(await rejected()).toMatchObject([{ row_key: '46' }]);
    expect((await verifyEtl(spec, dependencies())).checks.filter(({ status }) => status === 'FAILED')).toEqual([]);
    await stores.documents.collection<AnyDocument>('readings').deleteOne({ _id: 46 } as never);
    expect(await retryDeadLetters(spec, dependencies())).toMatchObject({ letters: 1, loaded: 0, not_found: 1 });
    await rollbackEtl(spec, dependencies());
    await expect(rejected()).rejects.toThrow('does not exist');
    await expect(count()).rejects.toThrow('does not exist');
  });

  it('is retried through rules that were corrected, also after a retry that broke off, and rolled back as a whole', async () => {
    await readings();
    await runEtl(toTable(), dependencies());
    const lenient = { value: { type: 'expression', expression: "value == 'bad' ? -1 : value", to: 'int32' } };
    const more = toTable({}, { ...lenient, unit: 'unit' });
    expect((await failureOf(retryDeadLetters(more, dependencies()))).code).toBe('SPEC_CHANGED');
    await retryDeadLetters(toTable({}, lenient), brokenAt('etl.after_write', 1)).catch(() => undefined);
    expect(await retryDeadLetters(toTable({}, lenient), dependencies())).toMatchObject({ letters: 3, loaded: 3, rejected: 0 });
    expect(await count()).toBe(60);
    expect((await verifyEtl(toTable({}, lenient), dependencies())).ok).toBe(true);
    expect(await retryDeadLetters(toTable({}, lenient), dependencies())).toMatchObject({ letters: 0 });
    await stores.sql.query('INSERT INTO readings VALUES (1000, 0), (1001, 0), (1002, 0), (1003, 0)');
    expect((await failureOf(rollbackEtl(toTable({}, lenient), dependencies()))).code).toBe('WRITTEN_SINCE');
    await stores.sql.query('DELETE FROM readings WHERE id >= 1000');
    await rollbackEtl(toTable({}, lenient), dependencies());
    await expect(count()).rejects.toThrow('does not exist');
  });

  it('stops a run at the limit, with what to do; the run goes on when more are allowed', async () => {
    await readings();
    const error = await failureOf(runEtl(toTable({ max_rejected: 1 }), dependencies()));
    expect(error).toMatchObject({ code: 'ROW_REJECTED', data: { dead_letters: 'the table rejected' } });
    expect(error.hint).toContain('raise max_rejected');
    expect((await failureOf(retryDeadLetters(toTable(), dependencies()))).code).toBe('UNFINISHED_RUN');
    expect(await runEtl(toTable(), dependencies())).toMatchObject({ resumed: true, rows_rejected: 3 });
    expect(await rejected()).toHaveLength(3);
  });

  it('is shared by specs, and stays for the others when one is rolled back', async () => {
    await readings();
    const other = stores.spec({
      name: 'other',
      source: stores.mongodb,
      target: stores.postgresql,
      max_rejected: 10,
      dead_letters: { table: 'rejected' },
      steps: [
        { type: 'extract', source_table: 'readings' },
        {
          type: 'transform',
          transformation_rules: { id: '_id', value: { type: 'function', function: 'cast', args: ['value', { value: 'int32' }] } },
        },
        { type: 'load', target_table: 'others' },
      ],
    });
    await runEtl(toTable(), dependencies());
    await runEtl(other, dependencies());
    expect(await rejected()).toHaveLength(6);
    await rollbackEtl(toTable(), dependencies());
    expect((await rejected()).map(({ spec }) => spec)).toEqual(['other', 'other', 'other']);
    await rollbackEtl(other, dependencies());
    expect(await rejected()).toEqual([]);
  });
});

describe('dead letters', () => {
  it('of rows whose parent was missing are loaded when it is there, orphaned children with it', async () => {
    await stores.sql.query(`
      CREATE TABLE customers (id int PRIMARY KEY, name text);
      CREATE TABLE orders (id int PRIMARY KEY, customer_id int);
      CREATE TABLE items (id int PRIMARY KEY, order_id int, qty int);
      INSERT INTO customers VALUES (1, 'Ann');
      INSERT INTO orders VALUES (1, 1), (2, 9);
      INSERT INTO items VALUES (1, 1, 5), (2, 3, 6)`);
    const spec = stores.spec({
      max_rejected: 5,
      dead_letters: { table: 'rejected' },
      steps: [
        {
          type: 'extract',
          source_table: 'orders',
          joins: [
            { table: 'customers', on: { id: 'customer_id' }, kind: 'one', as: 'customer', required: true },
            { table: 'items', on: { order_id: 'id' }, kind: 'many', as: 'items', fields: ['id', 'qty'], orphans: 'reject' },
          ],
        },
        { type: 'transform', transformation_rules: { _id: 'id', customer: 'customer.name', items: 'items' } },
        { type: 'load', target_table: 'orders' },
      ],
    });
    await runEtl(spec, dependencies());
    const letters = stores.documents.collection<AnyDocument>('rejected');
    expect(
      (await letters.find().sort({ row_key: 1 }).toArray()).map(({ source_table, row_key, code }) => [
        source_table,
        row_key,
        code,
      ]),
    ).toEqual([
      ['orders', '2', 'ORPHANED'],
      ['items', '2', 'ORPHANED'],
    ]);
    expect(await retryDeadLetters(spec, dependencies())).toMatchObject({ letters: 2, loaded: 0, rejected: 2 });
    await stores.sql.query("INSERT INTO customers VALUES (9, 'Bob'); INSERT INTO orders VALUES (3, 1)");
    expect(await retryDeadLetters(spec, dependencies())).toMatchObject({ letters: 2, loaded: 2, rejected: 0, rows_written: 2 });
    expect(await stores.documents.collection<AnyDocument>('orders').find().sort({ _id: 1 }).toArray()).toEqual([
      { _id: 1, customer: 'Ann', items: [{ id: 1, qty: 5 }] },
      { _id: 2, customer: 'Bob', items: [] },
      { _id: 3, customer: 'Ann', items: [{ id: 2, qty: 6 }] },
    ]);
    expect((await verifyEtl(spec, dependencies())).ok).toBe(true);
    await rollbackEtl(spec, dependencies());
    expect(await stores.documents.listCollections().toArray()).not.toContainEqual(expect.objectContaining({ name: 'orders' }));
    expect(await stores.documents.listCollections().toArray()).not.toContainEqual(expect.objectContaining({ name: 'rejected' }));
  });

  it('in a file are retried in the same way, those of a part of a row too', async () => {
    await stores.documents.collection<AnyDocument>('orders').insertMany([
      { _id: 1, items: [{ sku: 'A' }, { sku: 'B' }] },
      { _id: 2, items: [{ sku: 'A' }] },
    ]);
    await stores.sql.query('CREATE TABLE items (order_id int, sku text UNIQUE, PRIMARY KEY (order_id, sku))');
    const spec = stores.spec({
      source: stores.mongodb,
      target: stores.postgresql,
      max_rejected: 5,
      steps: [
        { type: 'extract', source_table: 'orders' },
        {
          type: 'load',
          target_table: 'orders',
          key: ['id'],
          children: [
            {
              field: 'items',
              target_table: 'items',
              foreign_key: { order_id: 'id' },
              fields: { sku: 'sku' },
              key: ['order_id', 'sku'],
            },
          ],
        },
      ],
    });
    expect(await runEtl(spec, dependencies())).toMatchObject({ rows_rejected: 1, rows_inserted: 4 });
    expect(await stores.letters()).toMatchObject([{ target: 'items', code: 'DUPLICATE_KEY', branch: 1, item: 0 }]);
    expect((await verifyEtl(spec, dependencies())).checks.filter(({ status }) => status === 'FAILED')).toEqual([]);
    expect(await retryDeadLetters(spec, dependencies())).toMatchObject({ letters: 1, loaded: 0, rejected: 1 });
    await stores.sql.query('ALTER TABLE items DROP CONSTRAINT items_sku_key');
    expect(await retryDeadLetters(spec, dependencies())).toMatchObject({ letters: 1, loaded: 1, rows_written: 1 });
    expect(await stores.letters()).toEqual([]);
    expect((await verifyEtl(spec, dependencies())).ok).toBe(true);
    await rollbackEtl(spec, dependencies());
    expect((await stores.sql.query('SELECT FROM items')).rowCount).toBe(0);
  });
});
