import { fileURLToPath } from 'node:url';
import { loadSpec, retryDeadLetters, rollbackEtl, runEtl, verifyEtl } from '@polyshift/etl';
import mongodb from '@polyshift/mongodb';
import postgresql from '@polyshift/postgresql';
import { freshDatabase } from '@polyshift/testkit';
import { sharedServer } from '@polyshift/testkit/vitest';
import { MongoClient } from 'mongodb';
import { Client } from 'pg';
import { expect, it } from 'vitest';

const cwd = fileURLToPath(new URL('..', import.meta.url));
const dependencies = { resolveAdapter: (type: string) => (type === 'postgresql' ? postgresql : mongodb) };

/** 200 orders; the total of one of them is no number. */
const orders = Array.from({ length: 200 }, (_, index) => ({
  _id: index + 1,
  customer: { name: `Customer ${index % 9}`, city: `City ${index % 4}` },
  total: index === 49 ? 'unknown' : index + 0.5,
  items: Array.from({ length: 1 + (index % 3) }, (_item, item) => ({ sku: `P${item}`, qty: index + item })),
  tags: index % 2 === 0 ? [] : [{ id: `t${index % 5}`, label: `Tag ${index % 5}` }],
}));

it('orders become tables with foreign keys, and documents again', async () => {
  await using documents = await freshDatabase(await sharedServer('mongodb'), 'example');
  await using tables = await freshDatabase(await sharedServer('postgresql'), 'example');
  const mongo = await new MongoClient(documents.url).connect();
  const sql = new Client({ connectionString: tables.url });
  await sql.connect();
  try {
    const source = mongo.db(documents.name).collection<{ _id: number; total: unknown }>('orders');
    await source.insertMany(orders);
    const environment = { PG_URL: tables.url, MONGO_URL: documents.url };
    const apart = await loadSpec('orders-to-tables.yaml', { cwd, environment });
    const report = await runEtl(apart, dependencies);
    expect(report.rows_rejected).toBe(1);
    expect((await sql.query('SELECT row_key, code FROM rejected_orders')).rows).toEqual([
      { row_key: '50', code: expect.any(String) },
    ]);
    await source.updateOne({ _id: 50 }, { $set: { total: 49.5 } });
    expect(await retryDeadLetters(apart, dependencies)).toMatchObject({ letters: 1, loaded: 1 });
    expect((await verifyEtl(apart, dependencies)).ok).toBe(true);
    const joined = await sql.query(`
      SELECT o.customer_name, count(DISTINCT i.position)::int AS items, count(DISTINCT t.id)::int AS tags
      FROM orders AS o JOIN order_items AS i ON i.order_id = o.id LEFT JOIN order_tags AS ot ON ot.order_id = o.id LEFT JOIN tags AS t ON t.id = ot.tag_id
      WHERE o.id = 6 GROUP BY 1`);
    expect(joined.rows).toEqual([{ customer_name: 'Customer 5', items: 3, tags: 1 }]);

    const together = await loadSpec('tables-to-orders.yaml', { cwd, environment });
    await runEtl(together, dependencies);
    expect((await verifyEtl(together, dependencies)).ok).toBe(true);
    const again = await mongo.db(documents.name).collection<{ _id: number }>('orders_again').findOne({ _id: 6 });
    expect(again).toMatchObject({
      customer: { customer_name: 'Customer 5', customer_city: 'City 1' },
      items: orders[5]!.items,
      tags: [{ tag_id: 't0', tag: { id: 't0', label: 'Tag 0' } }],
    });

    await rollbackEtl(together, dependencies);
    await rollbackEtl(apart, dependencies);
    const left = await sql.query("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace");
    expect(left.rows).toEqual([]);
  } finally {
    await sql.end();
    await mongo.close();
  }
});
