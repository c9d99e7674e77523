import type { PortableDocument, StoreSession } from '@polyshift/core';
import { rollbackEtl, runEtl, type SpecInput } from '@polyshift/etl';
import { describe, expect, it } from 'vitest';
import { readRows } from './read-rows.ts';
import { dependencies, failedChecks, openDatabase, orders, seed, sizes, spec, storeOf } from './shape-stage.ts';
import { matrixStores } from './stores.ts';

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
