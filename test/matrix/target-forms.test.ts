import { portableColumn } from '@polyshift/core';
import { rollbackEtl, runEtl, type SpecInput } from '@polyshift/etl';
import { describe, expect, it } from 'vitest';
import { dependencies, failedChecks, map, openDatabase, orders, seed, sizes, spec, storeOf } from './shape-stage.ts';

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
