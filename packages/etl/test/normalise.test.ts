import { describe, expect, it } from 'vitest';
import { type FaultPlace, planEtl, rollbackEtl, runEtl, verifyEtl } from '../src/index.ts';
import { type AnyDocument, brokenAt, dependencies, failureOf, twoStores } from './two-stores.ts';

const stores = twoStores();

async function orders(count = 60): Promise<void> {
  await stores.documents.collection<AnyDocument>('orders').insertMany(
    Array.from({ length: count }, (_, index) => ({
      _id: index + 1,
      customer: { name: `Customer ${index % 7}`, address: { city: `City ${index % 3}`, zip: `${10000 + index}` } },
      total: index * 1.5 + 0.25,
      items: Array.from({ length: index % 4 }, (_line, line) => ({
        sku: `P${line}`,
        qty: index + line,
        discounts:
          line === 1
            ? [
                { code: 'A', percent: 5 },
                { code: 'B', percent: 10 },
              ]
            : [],
      })),
      tags: [`t${index % 5}`, `t${(index + 1) % 5}`].map((name) => ({ id: name, label: `Tag ${name}` })),
      notes: index % 2 ? ['first', 'second'] : null,
    })),
  );
}

const steps = (load: object = {}) => [
  { type: 'extract', source_table: 'orders', batch_size: 30 },
  { type: 'transform', flatten: { max_depth: 3 } },
  {
    type: 'load',
    target_table: 'orders',
    batch_size: 20,
    key: ['id'],
    children: [
      {
        field: 'items',
        target_table: 'order_items',
        foreign_key: { order_id: 'id' },
        index_field: 'position',
        batch_size: 25,
        children: [
          {
            field: 'discounts',
            target_table: 'item_discounts',
            foreign_key: { order_id: 'order_id', position: 'position' },
            fields: { code: 'code', percent: { type: 'expression', expression: 'percent * 2' } },
            key: ['order_id', 'position', 'code'],
          },
        ],
      },
      {
        field: 'tags',
        target_table: 'tags',
        key: ['id'],
        junction: { target_table: 'order_tags', foreign_key: { order_id: 'id' }, element_key: { tag_id: 'id' } },
      },
      { field: 'notes', target_table: 'notes', foreign_key: { order_id: 'id' }, index_field: 'n', fields: { text: 'value' } },
    ],
    ...load,
  },
];
const spec = (load: object = {}, more: object = {}) =>
  stores.spec({ source: stores.mongodb, target: stores.postgresql, steps: steps(load), ...more });
const tables = ['orders', 'order_items', 'item_discounts', 'tags', 'order_tags', 'notes'];

async function content(): Promise<Record<string, string[]>> {
  const all: Record<string, string[]> = {};
  for (const table of tables) {
    const { rows } = await stores.sql.query<{ row: string }>(`SELECT t::text AS row FROM ${table} AS t ORDER BY 1`);
    all[table] = rows.map(({ row }) => row);
  }
  return all;
}

const leftTables = async () =>
  (
    await stores.sql.query(
      "SELECT relname FROM pg_class JOIN pg_namespace AS n ON n.oid = relnamespace WHERE nspname = 'public' AND relkind = 'r'",
    )
  ).rows;

describe('documents into tables', () => {
  it('give each array a table with a foreign key, elements of many parents one row, and nested documents columns', async () => {
    await orders();
    const plan = await planEtl(spec(), dependencies());
    expect(plan.targets.map(({ collection, key, before }) => [collection, key, before])).toEqual([
      ['orders', ['id'], 'absent'],
      ['order_items', ['order_id', 'position'], 'absent'],
      ['item_discounts', ['order_id', 'position', 'code'], 'absent'],
      ['tags', ['id'], 'absent'],
      ['order_tags', ['order_id', 'tag_id'], 'absent'],
      ['notes', ['order_id', 'n'], 'absent'],
    ]);
    expect(plan.statements.filter((text) => text.startsWith('foreign key'))).toHaveLength(5);
    const report = await runEtl(spec(), dependencies());
    expect(report.targets.map(({ collection, rows_inserted }) => [collection, rows_inserted])).toEqual([
      ['orders', 60],
      ['order_items', 90],
      ['item_discounts', 60],
      ['tags', 5],
      ['order_tags', 120],
      ['notes', 60],
    ]);
    const { rows } = await stores.sql.query(
      'SELECT o.id, customer_name, customer_address_city, total::float8, i.position, i.sku, i.qty FROM orders AS o JOIN order_items AS i ON i.order_id = o.id WHERE o.id = 3 ORDER BY 5',
    );
    expect(rows).toEqual([
      { id: 3, customer_name: 'Customer 2', customer_address_city: 'City 2', total: 3.25, position: 0, sku: 'P0', qty: 2 },
      { id: 3, customer_name: 'Customer 2', customer_address_city: 'City 2', total: 3.25, position: 1, sku: 'P1', qty: 3 },
    ]);
    const { rows: keys } = await stores.sql.query(
      "SELECT conrelid::regclass::text AS child, confrelid::regclass::text AS parent, convalidated AS valid FROM pg_constraint WHERE contype = 'f' ORDER BY 1, 2",
    );
    expect(keys).toEqual(
      [
        ['item_discounts', 'order_items'],
        ['notes', 'orders'],
        ['order_items', 'orders'],
        ['order_tags', 'orders'],
        ['order_tags', 'tags'],
      ].map(([child, parent]) => ({ child, parent, valid: true })),
    );
    const verified = await verifyEtl(spec(), dependencies());
    expect(verified.checks.filter(({ status }) => status !== 'PASS')).toEqual([]);
    await stores.sql.query(
      "UPDATE order_items SET qty = 0 WHERE order_id = 4; DELETE FROM notes WHERE order_id = 2; UPDATE tags SET label = 'x' WHERE id = 't1'",
    );
    const broken = await verifyEtl(spec(), dependencies());
    expect(broken.targets.map(({ collection, missing, different }) => [collection, missing.count, different.count > 0])).toEqual([
      ['orders', 0, false],
      ['order_items', 0, true],
      ['item_discounts', 0, false],
      ['tags', 0, true],
      ['order_tags', 0, false],
      ['notes', 2, false],
    ]);
    await rollbackEtl(spec(), dependencies());
    expect(await leftTables()).toEqual([]);
  });

  it.each<[FaultPlace, number]>([
    ['etl.after_write', 2],
    ['etl.after_checkpoint', 1],
    ['etl.before_finish', 1],
  ])('broken off at %s (%i): resumed it is the same, and rolled back nothing is left', async (place, times) => {
    await orders();
    await runEtl(spec(), dependencies());
    const whole = await content();
    await rollbackEtl(spec(), dependencies());
    await runEtl(spec(), brokenAt(place, times)).catch(() => undefined);
    expect(await runEtl(spec(), dependencies())).toMatchObject({ resumed: true, rows_rejected: 0 });
    expect(await content()).toEqual(whole);
    expect((await verifyEtl(spec(), dependencies())).ok).toBe(true);
    await rollbackEtl(spec(), dependencies());
    expect(await leftTables()).toEqual([]);
    await runEtl(spec(), brokenAt(place, times)).catch(() => undefined);
    await rollbackEtl(spec(), dependencies());
    expect(await leftTables()).toEqual([]);
  });

  it('put rows into tables that have some, and take them back without touching those', async () => {
    await orders(20);
    await runEtl(spec(), dependencies());
    const before = await content();
    await stores.documents.collection<AnyDocument>('orders').insertOne({
      _id: 500,
      customer: { name: 'New' },
      total: 1.25,
      items: [{ sku: 'N', qty: 1, discounts: [{ code: 'Z', percent: 1 }] }],
      tags: [
        { id: 't1', label: 'Tag t1' },
        { id: 'new', label: 'New' },
      ],
      notes: ['n'],
    });
    const second = spec({ mode: 'upsert' }, { name: 'second' });
    await runEtl(second, brokenAt('etl.after_write', 2)).catch(() => undefined);
    expect(await runEtl(second, dependencies())).toMatchObject({ rows_rejected: 0 });
    const { rows } = await stores.sql.query('SELECT count(*)::int AS count FROM order_tags WHERE order_id = 500');
    expect(rows).toEqual([{ count: 2 }]);
    expect((await verifyEtl(second, dependencies())).ok).toBe(true);
    await rollbackEtl(second, dependencies());
    expect(await content()).toEqual(before);
  });

  it('keep a document out as a whole where a part of it does not fit, and a child where its parent is refused', async () => {
    await orders(10);
    const source = stores.documents.collection<AnyDocument>('orders');
    await source.updateOne({ _id: 4 } as never, { $set: { 'items.1.qty': 'many' } });
    await source.updateOne({ _id: 6 } as never, { $set: { 'items.0.colour': 'red' } });
    await stores.sql.query(`
      CREATE TABLE orders (id int PRIMARY KEY, customer jsonb, total float8);
      CREATE TABLE order_items (order_id int REFERENCES orders, position int, sku text, qty int, discounts jsonb, PRIMARY KEY (order_id, position));
      INSERT INTO orders VALUES (8, NULL, 0)`);
    const partial = stores.spec({
      source: stores.mongodb,
      target: stores.postgresql,
      max_rejected: 10,
      steps: [
        { type: 'extract', source_table: 'orders' },
        { type: 'transform', drop: ['tags', 'notes'] },
        {
          type: 'load',
          target_table: 'orders',
          children: [{ field: 'items', target_table: 'order_items', foreign_key: { order_id: 'id' }, index_field: 'position' }],
        },
      ],
    });
    const report = await runEtl(partial, dependencies());
    expect(report.rows_rejected).toBe(3);
    expect((await stores.letters()).map(({ key, code, target }) => [key, code, target])).toEqual(
      expect.arrayContaining([
        [4, expect.any(String), null],
        [6, 'UNKNOWN_FIELD', null],
        [expect.anything(), 'DUPLICATE_KEY', 'orders'],
      ]),
    );
    const { rows } = await stores.sql.query('SELECT DISTINCT order_id FROM order_items ORDER BY 1');
    expect(rows.map(({ order_id }) => order_id)).toEqual([2, 3, 7, 10]);
    expect((await verifyEtl(partial, dependencies())).checks.filter(({ status }) => status === 'FAILED')).toEqual([]);
  });

  it('refuses a child without a way to its parent, and a field that the parent does not get', async () => {
    await orders(3);
    const child = { field: 'items', target_table: 'x' };
    expect(() => spec({ children: [child] })).toThrow('foreign_key');
    const wrong = spec({ children: [{ ...child, foreign_key: { order_id: 'idd' }, key: ['order_id'] }] });
    expect((await failureOf(planEtl(wrong, dependencies()))).code).toBe('UNKNOWN_FIELD');
  });
});
