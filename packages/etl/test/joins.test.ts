import { ObjectId } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { planEtl, rollbackEtl, runEtl, verifyEtl } from '../src/index.ts';
import { type AnyDocument, dependencies, failureOf, twoStores } from './two-stores.ts';

const stores = twoStores();

async function shop(): Promise<void> {
  await stores.sql.query(`
    CREATE TABLE customers (id bigint PRIMARY KEY, name text NOT NULL, balance numeric(10,2));
    CREATE TABLE orders (id int PRIMARY KEY, customer_id bigint, placed timestamptz NOT NULL);
    CREATE TABLE products (sku text PRIMARY KEY, title text NOT NULL);
    CREATE TABLE items (order_id int, line int, sku text, qty int, PRIMARY KEY (order_id, line));
    INSERT INTO customers SELECT i, 'Customer ' || i, i * 1.5 FROM generate_series(1, 20) AS i;
    INSERT INTO orders SELECT i, 1 + i % 20, '2024-01-01T00:00:00Z'::timestamptz + i * interval '1 hour' FROM generate_series(1, 130) AS i;
    INSERT INTO products SELECT 'P' || i, 'Product ' || i FROM generate_series(0, 9) AS i;
    INSERT INTO items SELECT o, l, 'P' || (o + l) % 10, o * 10 + l FROM generate_series(1, 130) AS o, generate_series(1, 3) AS l WHERE o % 10 <> 0`);
}

const customer = { table: 'customers', on: { id: 'customer_id' }, kind: 'one', as: 'customer' };
const items = {
  table: 'items',
  on: { order_id: 'id' },
  kind: 'many',
  as: 'items',
  fields: ['line', 'sku', 'qty'],
  joins: [{ table: 'products', on: { sku: 'sku' }, kind: 'one', as: 'product', fields: ['title'], embed: true }],
};

describe('joins of tables', () => {
  it('embed parents and children in documents, in batches, with children of children', async () => {
    await shop();
    const spec = stores.spec({
      steps: [
        { type: 'extract', source_table: 'orders', joins: [customer, items], batch_size: 40 },
        {
          type: 'transform',
          transformation_rules: { _id: 'id', customer: 'customer.name', balance: 'customer.balance', items: 'items' },
        },
        { type: 'load', target_table: 'orders', batch_size: 25 },
      ],
      partitions: 2,
    });
    const plan = await planEtl(spec, dependencies());
    expect(plan.fields.map(({ target, type }) => [target, type])).toEqual([
      ['_id', 'integer'],
      ['customer', 'text'],
      ['balance', 'numeric(10,2)'],
      ['items', 'array of document'],
    ]);
    expect(await runEtl(spec, dependencies())).toMatchObject({ rows_read: 130, rows_written: 130, rows_rejected: 0, losses: [] });
    const orders = stores.documents.collection<AnyDocument>('orders');
    expect(await orders.findOne({ _id: 7 } as never)).toEqual({
      _id: 7,
      customer: 'Customer 8',
      balance: expect.objectContaining({ _bsontype: 'Decimal128' }),
      items: [
        { line: 1, sku: 'P8', qty: 71, product: { title: 'Product 8' } },
        { line: 2, sku: 'P9', qty: 72, product: { title: 'Product 9' } },
        { line: 3, sku: 'P0', qty: 73, product: { title: 'Product 0' } },
      ],
    });
    expect(await orders.findOne({ _id: 10 } as never)).toMatchObject({ items: [] });
    expect(await orders.countDocuments({ items: { $size: 3 } })).toBe(117);
    expect((await verifyEtl(spec, dependencies())).ok).toBe(true);
    await rollbackEtl(spec, dependencies());
    expect(await stores.documents.listCollections({ name: 'orders' }).toArray()).toEqual([]);
  });

  it('give the columns of a parent their types in a table', async () => {
    await shop();
    const spec = stores.spec({
      target: stores.postgresql,
      steps: [
        { type: 'extract', source_table: 'orders', joins: [customer] },
        {
          type: 'transform',
          transformation_rules: { id: 'id', who: 'customer.name', twice: { type: 'expression', expression: 'customer_id * 2' } },
          include_rest: false,
        },
        { type: 'load', target_table: 'flat' },
      ],
    });
    await runEtl(spec, dependencies());
    const { rows } = await stores.sql.query('SELECT id, who, twice::text FROM flat WHERE id = 7');
    expect(rows).toEqual([{ id: 7, who: 'Customer 8', twice: '16' }]);
    expect((await verifyEtl(spec, dependencies())).ok).toBe(true);
  });

  it('send rows without a parent, and children without one, to the dead letters', async () => {
    await shop();
    await stores.sql.query(`
      UPDATE orders SET customer_id = 99 WHERE id = 5; UPDATE orders SET customer_id = NULL WHERE id = 6;
      INSERT INTO items VALUES (777, 1, 'P1', 1), (888, 1, 'P1', 1)`);
    const spec = stores.spec({
      max_rejected: 10,
      steps: [
        {
          type: 'extract',
          source_table: 'orders',
          joins: [
            { ...customer, required: true },
            { ...items, orphans: 'reject' },
          ],
        },
        { type: 'transform', transformation_rules: { _id: 'id', items: 'items' } },
        { type: 'load', target_table: 'orders' },
      ],
    });
    const report = await runEtl(spec, dependencies());
    expect(report).toMatchObject({ rows_read: 130, rows_written: 128, rows_rejected: 4 });
    const letters = await stores.letters();
    expect(letters.map(({ key, code, message }) => [key, code, message])).toEqual([
      [5, 'ORPHANED', 'customer: customers has no row for customer_id = 99'],
      [6, 'ORPHANED', 'customer: customers has no row for customer_id = null'],
      [{ order_id: 777, line: 1 }, 'ORPHANED', 'orders has no row for order_id = 777'],
      [{ order_id: 888, line: 1 }, 'ORPHANED', 'orders has no row for order_id = 888'],
    ]);
    const verified = await verifyEtl(spec, dependencies());
    expect(verified.checks.filter((check) => check.status === 'FAILED')).toEqual([]);
    await rollbackEtl(spec, dependencies());
    expect(await stores.letters()).toEqual([]);
  });

  it('refuse two rows for one, more rows than allowed, and names that are not there', async () => {
    await shop();
    const spec = (join: object) =>
      stores.spec({
        steps: [
          { type: 'extract', source_table: 'orders', conditions: { id: 7 }, joins: [join] },
          { type: 'load', target_table: 'orders' },
        ],
      });
    const failure = async (join: object) => failureOf(runEtl(spec(join), dependencies()));
    expect((await failure({ ...items, kind: 'one' })).message).toContain('items has 3 rows for id = 7');
    await rollbackEtl(spec({ ...items, kind: 'one' }), dependencies());
    expect((await failure({ ...items, max_rows: 2 })).message).toContain('more than max_rows (2)');
    await rollbackEtl(spec({ ...items, max_rows: 2 }), dependencies());
    expect((await failure({ ...items, table: 'item' })).code).toBe('UNKNOWN_COLLECTION');
    expect((await failure({ ...items, on: { order: 'id' } })).code).toBe('UNKNOWN_FIELD');
    expect((await failure({ ...items, on: { order_id: 'idd' } })).code).toBe('UNKNOWN_FIELD');
  });
});

describe('joins of documents', () => {
  const author = new ObjectId();
  const books = async () => {
    await stores.documents.collection<AnyDocument>('authors').insertMany([
      { _id: author, name: 'Ada', born: 1815 },
      { _id: 2, name: 'Bob' },
    ]);
    await stores.documents.collection<AnyDocument>('books').insertMany([
      { _id: 1, title: 'One', author, tags: ['x'] },
      { _id: 2, title: 'Two', author },
      { _id: 3, title: 'Three', author: 2 },
      { _id: 4, title: 'Four', author: 'nobody' },
    ]);
  };

  it('embed by keys of any type', async () => {
    await books();
    const spec = stores.spec({
      source: stores.mongodb,
      steps: [
        {
          type: 'extract',
          source_table: 'authors',
          joins: [{ table: 'books', on: { author: '_id' }, kind: 'many', as: 'books', fields: ['title'] }],
        },
        { type: 'load', target_table: 'shelves' },
      ],
    });
    await runEtl(spec, dependencies());
    expect(await stores.documents.collection<AnyDocument>('shelves').find().sort({ name: 1 }).toArray()).toEqual([
      {
        _id: author,
        name: 'Ada',
        born: 1815,
        books: [
          { _id: 1, title: 'One' },
          { _id: 2, title: 'Two' },
        ],
      },
      { _id: 2, name: 'Bob', books: [{ _id: 3, title: 'Three' }] },
    ]);
    expect((await verifyEtl(spec, dependencies())).ok).toBe(true);
  });

  it('become columns of a table, and a book without an author a dead letter', async () => {
    await books();
    const spec = stores.spec({
      source: stores.mongodb,
      target: stores.postgresql,
      max_rejected: '50%',
      steps: [
        {
          type: 'extract',
          source_table: 'books',
          joins: [{ table: 'authors', on: { _id: 'author' }, kind: 'one', as: 'writer', required: true }],
        },
        { type: 'transform', transformation_rules: { id: '_id', title: 'title', writer: 'writer.name', born: 'writer.born' } },
        { type: 'load', target_table: 'books' },
      ],
    });
    await runEtl(spec, dependencies());
    const { rows } = await stores.sql.query('SELECT * FROM books ORDER BY id');
    expect(rows).toEqual([
      { id: 1, title: 'One', writer: 'Ada', born: 1815 },
      { id: 2, title: 'Two', writer: 'Ada', born: 1815 },
      { id: 3, title: 'Three', writer: 'Bob', born: null },
    ]);
    expect((await stores.letters()).map(({ key, code }) => [key, code])).toEqual([[4, 'ORPHANED']]);
    expect((await verifyEtl(spec, dependencies())).ok).toBe(true);
  });
});
