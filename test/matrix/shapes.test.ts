import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Adapter, type PortableDocument, type PortableValue, portableColumn, type StoreSession } from '@polyshift/core';
import { type EtlDependencies, parseSpec, rollbackEtl, runEtl, type SpecInput, verifyEtl } from '@polyshift/etl';
import { freshDatabase } from '@polyshift/testkit';
import { sharedServer } from '@polyshift/testkit/vitest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRows } from './read-rows.ts';
import { type MatrixStore, matrixStores } from './stores.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polyshift-shapes-'));
});
afterAll(() => rm(folder, { recursive: true }));

const dependencies: EtlDependencies = {
  resolveAdapter: (type): Adapter => matrixStores.find(({ adapter }) => adapter.store === type)!.adapter,
};
const storeOf = (server: MatrixStore['server']): MatrixStore => matrixStores.find((store) => store.server === server)!;

/** A database on a server of the matrix, with a session. */
async function openDatabase(store: MatrixStore) {
  const database = await freshDatabase(await sharedServer(store.server), 'shapes');
  const session = await store.adapter.connect(database.url);
  return {
    session,
    endpoint: { type: store.adapter.store, url: database.url },
    [Symbol.asyncDispose]: async () => {
      await session.close();
      await database.drop();
    },
  };
}

const map = (fields: Record<string, PortableValue>): PortableDocument => new Map(Object.entries(fields));

/** Orders as documents: an array of lines, one of tags that orders share, a nested customer. */
const orders = Array.from({ length: 12 }, (_, index) =>
  map({
    _id: index + 1,
    customer: map({ name: `Customer ${index % 3}`, city: `City ${index % 2}` }),
    lines: Array.from({ length: index % 4 }, (_line, line) => map({ sku: `P${line}`, quantity: index + line })),
    // One order calls a tag by another name than the others.
    tags: [index % 5, (index + 1) % 5].map((tag) =>
      map({ id: `t${tag}`, label: index === 11 && tag === 1 ? 'Other' : `Tag ${tag}` }),
    ),
  }),
);

/** Puts documents into a collection through the sink of the store. */
async function seed(session: StoreSession, collection: string, documents: readonly PortableDocument[]): Promise<void> {
  const names = [...documents[0]!.keys()];
  const columns = names.map((name) => portableColumn(name, { kind: 'dynamic' }, name !== '_id'));
  const target = { collection, columns, dynamic: false, key: ['_id'], mode: 'insert', on_loss: 'error', aside: 'seed' } as const;
  const { undo } = await session.sink!.plan(target);
  await using writer = await session.sink!.open(target, undo);
  const rows = documents.map((document) => names.map((name) => document.get(name) ?? null));
  const encoded = writer.encode({ kind: 'rows', columns, rows });
  expect(await writer.write(encoded.batch, { replay: false })).toMatchObject({ inserted: documents.length, rejected: [] });
  await writer.finish();
}

const spec = (input: SpecInput) => parseSpec(input, { cwd: folder });
const failedChecks = async (loaded: ReturnType<typeof spec>) =>
  (await verifyEtl(loaded, dependencies)).checks.filter(({ status }) => status === 'FAILED');
const sizes = async (session: StoreSession) => {
  const { collections } = await session.introspect();
  const names = Object.keys(collections).sort();
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await session.count(name)] as const)));
};

describe.each(matrixStores.map((store) => [store.server, store] as const))('documents and tables on %s', (_name, store) => {
  it('are taken apart into child and junction collections, proven, put together again by joins, and taken back', async () => {
    await using source = await openDatabase(storeOf('mongodb'));
    await using target = await openDatabase(store);
    await using back = await openDatabase(storeOf('mongodb'));
    await seed(source.session, 'orders', orders);
    const key = store.adapter.capabilities.key_field ?? 'id';

    const apart = spec({
      name: 'apart',
      source: source.endpoint,
      target: target.endpoint,
      dead_letters: { table: 'letters' },
      max_rejected: '50%',
      steps: [
        { type: 'extract', source_table: 'orders', batch_size: 5 },
        { type: 'transform', flatten: {} },
        {
          type: 'load',
          target_table: 'orders',
          key: [key],
          children: [
            { field: 'lines', target_table: 'order_lines', foreign_key: { order_id: key }, index_field: 'position' },
            {
              field: 'tags',
              target_table: 'tags',
              key: [key],
              fields: { [key]: 'id', label: 'label' },
              junction: { target_table: 'order_tags', foreign_key: { order_id: key }, element_key: { tag_id: key } },
            },
          ],
        },
      ],
    } as SpecInput);
    const report = await runEtl(apart, dependencies);
    // The pair of the tag that was refused is withheld with it.
    const lines = orders.reduce((sum, order) => sum + (order.get('lines') as unknown[]).length, 0);
    expect(await sizes(target.session)).toMatchObject({ orders: 12, order_lines: lines, tags: 5, order_tags: 23, letters: 1 });
    expect(report.rows_rejected).toBe(1);
    const [letter] = (await readRows(target.session, 'letters', await keyOf(target.session, 'letters'))).values();
    expect(letter!.get('code')?.value).toBe('DUPLICATE_KEY');
    expect(await failedChecks(apart)).toEqual([]);

    const together = spec({
      name: 'together',
      source: target.endpoint,
      target: back.endpoint,
      steps: [
        {
          type: 'extract',
          source_table: 'orders',
          batch_size: 5,
          joins: [
            {
              table: 'order_lines',
              on: { order_id: key },
              kind: 'many',
              as: 'lines',
              fields: ['order_id', 'position', 'sku', 'quantity'],
            },
          ],
        },
        {
          type: 'transform',
          transformation_rules: { _id: key, customer_name: 'customer_name', lines: 'lines' },
        },
        { type: 'load', target_table: 'orders' },
      ],
    } as SpecInput);
    await runEtl(together, dependencies);
    const rebuilt = await readRows(back.session, 'orders', '_id');
    for (const order of orders) {
      const row = rebuilt.get(String(order.get('_id')))!;
      expect(row.get('customer_name')?.value).toBe((order.get('customer') as PortableDocument).get('name'));
      const found = (row.get('lines')!.value as PortableDocument[])
        .map((line) => [Number(line.get('position')), line.get('sku'), Number(line.get('quantity'))])
        .sort(([left], [right]) => (left as number) - (right as number));
      const expected = (order.get('lines') as PortableDocument[]).map((line, position) => [
        position,
        line.get('sku'),
        line.get('quantity'),
      ]);
      expect(found, `the lines of order ${String(order.get('_id'))}`).toEqual(expected);
    }
    expect(await failedChecks(together)).toEqual([]);

    await rollbackEtl(apart, dependencies);
    expect(await sizes(target.session)).toEqual({});
  });
});

/** The key of a collection as the store says it. */
async function keyOf(session: StoreSession, collection: string): Promise<string> {
  return (await session.introspect([collection])).collections[collection]!.key[0]!;
}

describe('targets of their own form', () => {
  const customers = Array.from({ length: 6 }, (_, index) =>
    map({
      _id: index + 1,
      name: `C${index}`,
      orders: Array.from({ length: index % 3 }, (_each, nth) => map({ id: `${index}-${nth}`, total: nth })),
    }),
  );
  const template = (...args: unknown[]) => ({ type: 'function', function: 'concat', args });

  it('DynamoDB holds customers and their orders in one table, by partition and sort key', async () => {
    await using source = await openDatabase(storeOf('mongodb'));
    await using target = await openDatabase(storeOf('dynamodb'));
    await seed(source.session, 'customers', customers);
    const single = spec({
      name: 'single_table',
      source: source.endpoint,
      target: target.endpoint,
      steps: [
        { type: 'extract', source_table: 'customers' },
        {
          type: 'transform',
          transformation_rules: {
            pk: template({ value: 'CUSTOMER#' }, '_id'),
            sk: { type: 'constant', value: 'PROFILE' },
            name: 'name',
          },
        },
        { type: 'load', target_table: 'app', key: ['pk', 'sk'] },
        {
          type: 'transform',
          unwind: { field: 'orders' },
          transformation_rules: {
            pk: template({ value: 'CUSTOMER#' }, '_id'),
            sk: template({ value: 'ORDER#' }, 'orders.id'),
            total: 'orders.total',
          },
        },
        { type: 'load', target_table: 'app', key: ['pk', 'sk'] },
      ],
    } as SpecInput);
    await runEtl(single, dependencies);
    expect(await target.session.count('app')).toBe(12);
    expect(await target.session.count('app', { pk: 'CUSTOMER#3', sk: { like: 'ORDER#%' } })).toBe(2);
    expect((await target.session.introspect(['app'])).collections['app']!.key).toEqual(['pk', 'sk']);
    expect(await failedChecks(single)).toEqual([]);
    await rollbackEtl(single, dependencies);
    expect(await sizes(target.session)).toEqual({});
  });

  it.each(['hash', 'json', 'stream'])('Redis holds rows as %s', async (encoding) => {
    await using source = await openDatabase(storeOf('mongodb'));
    await using target = await openDatabase(storeOf('redis'));
    await seed(source.session, 'customers', customers);
    const load = spec({
      name: `as_${encoding}`,
      source: source.endpoint,
      target: target.endpoint,
      steps: [
        { type: 'extract', source_table: 'customers' },
        { type: 'transform', transformation_rules: { id: '_id', name: 'name', orders: 'orders' } },
        { type: 'load', target_table: 'customers', key: ['id'], load_params: { encoding } },
      ],
    } as SpecInput);
    await runEtl(load, dependencies);
    expect(await target.session.count('customers')).toBe(6);
    expect(await failedChecks(load)).toEqual([]);
    await rollbackEtl(load, dependencies);
    expect(await sizes(target.session)).toEqual({});
  });

  it('Cassandra spreads rows by the partition key that the spec chooses', async () => {
    await using source = await openDatabase(storeOf('mongodb'));
    await using target = await openDatabase(storeOf('cassandra'));
    await seed(source.session, 'orders', orders);
    const load = spec({
      name: 'partitioned',
      source: source.endpoint,
      target: target.endpoint,
      steps: [
        { type: 'extract', source_table: 'orders' },
        { type: 'transform', transformation_rules: { city: 'customer.city', id: '_id', customer: 'customer.name' } },
        { type: 'load', target_table: 'orders_by_city', key: ['city', 'id'] },
      ],
    } as SpecInput);
    await runEtl(load, dependencies);
    expect((await target.session.introspect(['orders_by_city'])).collections['orders_by_city']!.key).toEqual(['city', 'id']);
    expect(await target.session.count('orders_by_city', { city: 'City 1' })).toBe(6);
    expect(await failedChecks(load)).toEqual([]);
    await rollbackEtl(load, dependencies);
    expect(await sizes(target.session)).toEqual({});
  });

  it('Elasticsearch maps the fields by their types', async () => {
    await using source = await openDatabase(storeOf('postgresql'));
    await using target = await openDatabase(storeOf('elasticsearch'));
    const columns = [
      portableColumn('id', { kind: 'int64' }, false),
      portableColumn('at', { kind: 'timestamptz' }),
      portableColumn('ok', { kind: 'boolean' }),
    ];
    const into = {
      collection: 'events',
      columns,
      dynamic: false,
      key: ['id'],
      mode: 'insert',
      on_loss: 'error',
      aside: 'seed',
    } as const;
    const { undo } = await source.session.sink!.plan(into);
    await using writer = await source.session.sink!.open(into, undo);
    await writer.write(writer.encode({ kind: 'rows', columns, rows: [[1n, '2024-02-29T12:00:00Z', true]] }).batch, {
      replay: false,
    });
    await writer.finish();
    const load = spec({
      name: 'mapped',
      source: source.endpoint,
      target: target.endpoint,
      steps: [
        { type: 'extract', source_table: 'events' },
        { type: 'load', target_table: 'events' },
      ],
    } as SpecInput);
    await runEtl(load, dependencies);
    const { fields } = (await target.session.introspect(['events'])).collections['events']!;
    expect(Object.fromEntries(fields.map(({ name, native }) => [name, native]))).toMatchObject({
      id: 'long',
      at: 'date',
      ok: 'boolean',
    });
    expect(await target.session.count('events', { at: { gt: '2024-01-01T00:00:00Z' } })).toBe(1);
    await rollbackEtl(load, dependencies);
    expect(await sizes(target.session)).toEqual({});
  });
});
