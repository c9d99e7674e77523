import type { SourceQuery, SourceScan } from '@polyshift/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from './harness.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase(`
    CREATE TABLE big (id bigint PRIMARY KEY, t text);
    INSERT INTO big SELECT g * 3 - 1000, repeat('é\\	' || g, 5) FROM generate_series(1, 3000) AS g;
    CREATE TABLE pairs (a text, b numeric(6,2), c int, PRIMARY KEY (b, a));
    INSERT INTO pairs SELECT 'k''' || g % 17, g / 10.0, g FROM generate_series(1, 500) AS g;
    CREATE TABLE keyless (a int, b text);
    INSERT INTO keyless SELECT g % 10, CASE WHEN g % 2 = 0 THEN g::text END FROM generate_series(1, 400) AS g;
    CREATE TABLE sparse (a int UNIQUE, b text);
    INSERT INTO sparse SELECT CASE WHEN g > 20 THEN g END, g::text FROM generate_series(1, 100) AS g;
    CREATE TABLE large (id int PRIMARY KEY, pad text);
    INSERT INTO large SELECT g, 'x' FROM generate_series(1, 120000) AS g;
    CREATE TABLE empty (id int PRIMARY KEY);
    CREATE TABLE parts (id int PRIMARY KEY, v int) PARTITION BY RANGE (id);
    CREATE TABLE parts1 PARTITION OF parts FOR VALUES FROM (0) TO (100);
    CREATE TABLE parts2 PARTITION OF parts FOR VALUES FROM (100) TO (1000);
    INSERT INTO parts SELECT g, g FROM generate_series(1, 300) AS g;
    CREATE VIEW seen AS SELECT id, t FROM big WHERE id > 0;
    ANALYZE;`);
});

afterAll(async () => {
  await database?.[Symbol.asyncDispose]();
});

async function open(query: SourceQuery): Promise<SourceScan> {
  return await database.session.source!.scan(query);
}

async function readAll(scan: SourceScan, want: number, batch_size: number): Promise<string[]> {
  const rows: string[] = [];
  const partitions = JSON.parse(JSON.stringify(await scan.partitions(want))) as Awaited<ReturnType<SourceScan['partitions']>>;
  expect(partitions.length).toBeGreaterThan(0);
  expect(partitions.length).toBeLessThanOrEqual(Math.max(1, want));
  for (const partition of partitions) {
    for await (const { batch } of scan.read(partition, { batch_size })) {
      if (batch.kind !== 'rows') throw new Error('not rows');
      expect(batch.rows.length).toBeLessThanOrEqual(batch_size);
      rows.push(...batch.rows.map((row) => JSON.stringify(row)));
    }
  }
  return rows;
}

async function expected(table: string): Promise<string[]> {
  const scan = await open({ collection: table });
  const names = scan.description.columns.map((column) => `"${column.name}"::text`).join(', ');
  await scan[Symbol.asyncDispose]();
  const result = await database.client.query({ text: `SELECT ${names} FROM ${table}`, rowMode: 'array' });
  return result.rows.map((row) => JSON.stringify(row)).sort();
}

describe('a scan', () => {
  it.each(['big', 'pairs', 'keyless', 'sparse', 'empty', 'parts', 'seen'])(
    'gives every row of %s once, however it is split',
    async (table) => {
      const all = await expected(table);
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 700 }), async (want, batchSize) => {
          await using scan = await open({ collection: table });
          expect((await readAll(scan, want, batchSize)).sort()).toEqual(all);
          expect(await scan.count()).toBe(all.length);
        }),
        { numRuns: 6 },
      );
    },
  );

  it('cuts what is left of a part of a large table by a sample, and no large view', async () => {
    await using scan = await open({ collection: 'large', fields: ['id'] });
    const [whole] = await scan.partitions(1);
    const [first, second] = (await scan.split!(whole!, ['40000']))!;
    const { to: cut } = first.bounds as { to: [string] };
    expect(Number(cut[0])).toBeGreaterThan(60_000);
    expect(Number(cut[0])).toBeLessThan(100_000);
    expect(first.bounds).toEqual({ from: null, to: cut });
    expect(second.bounds).toEqual({ from: cut, to: null });
    expect(await scan.split!(whole!, ['120000'])).toBeUndefined();
    await using view = await open({ collection: 'seen', key: ['id'] });
    expect(await view.split!((await view.partitions(1))[0]!, null)).toBeUndefined();
  });

  it('splits a large table by a sample', async () => {
    await using scan = await open({ collection: 'large', fields: ['pad'] });
    const partitions = await scan.partitions(8);
    expect(partitions.length).toBe(8);
    const sizes = await Promise.all(
      partitions.map(async (partition) => {
        let count = 0;
        for await (const { batch } of scan.read(partition, { batch_size: 5000 }))
          count += batch.kind === 'rows' ? batch.rows.length : 0;
        return count;
      }),
    );
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(120000);
    expect(Math.max(...sizes)).toBeLessThan(60000);
  });

  it.each(['big', 'pairs', 'parts'])('of %s goes on behind the last key', async (table) => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 200 }),
        fc.nat(3),
        async (want, batchSize, stop) => {
          await using scan = await open({ collection: table });
          const rows: string[] = [];
          for (const partition of await scan.partitions(want)) {
            let after: unknown;
            let batches = 0;
            for await (const { batch, last_key } of scan.read(partition, { batch_size: batchSize })) {
              if (batch.kind === 'rows') rows.push(...batch.rows.map((row) => JSON.stringify(row)));
              after = JSON.parse(JSON.stringify(last_key));
              if (batches++ >= stop) break;
            }
            if (after === undefined) continue;
            for await (const { batch } of scan.read(partition, { batch_size: batchSize, after: after as never })) {
              if (batch.kind === 'rows') rows.push(...batch.rows.map((row) => JSON.stringify(row)));
            }
          }
          expect(rows.sort()).toEqual(await expected(table));
        },
      ),
      { numRuns: 5 },
    );
  });

  it.each([
    ['a key that is not unique', { collection: 'keyless', key: ['a'] }],
    ['a key that may be null', { collection: 'sparse', key: ['a'] }],
    ['no key', { collection: 'keyless' }],
  ])('with %s gives every row, and no key to go on behind', async (_name, query) => {
    await using scan = await open(query);
    let count = 0;
    for (const partition of await scan.partitions(5)) {
      for await (const { batch, last_key } of scan.read(partition, { batch_size: 7 })) {
        expect(last_key).toBeNull();
        count += batch.kind === 'rows' ? batch.rows.length : 0;
      }
    }
    expect(count).toBe(await scan.count());
  });

  it('sees one moment, whatever is written meanwhile', async () => {
    await using scan = await open({ collection: 'parts', conditions: { v: { gt: 0 } } });
    const [first, ...others] = await scan.partitions(3);
    await database.sql(
      'UPDATE parts SET v = 0 WHERE id > 50; INSERT INTO parts VALUES (999, 999); DELETE FROM parts WHERE id = 7',
    );
    let count = 0;
    for (const partition of [first!, ...others]) {
      for await (const { batch } of scan.read(partition, { batch_size: 10 }))
        count += batch.kind === 'rows' ? batch.rows.length : 0;
    }
    expect(count).toBe(300);
    await database.sql('DELETE FROM parts; INSERT INTO parts SELECT g, g FROM generate_series(1, 300) AS g');
  });

  it('ends its connections when the reader stops early or is told to', async () => {
    const backends = async (): Promise<unknown> =>
      (
        await database.sql(
          "SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'COPY (%' AND state = 'active'",
        )
      )[0]!['n'];
    {
      await using scan = await open({ collection: 'large' });
      const [partition] = await scan.partitions(1);
      for await (const _ of scan.read(partition!, { batch_size: 10 })) break;
      const controller = new AbortController();
      const stopped = (async () => {
        for await (const _ of scan.read(partition!, { batch_size: 10, signal: controller.signal }))
          controller.abort(new Error('enough'));
      })();
      await expect(stopped).rejects.toThrow('enough');
    }
    await expect.poll(backends).toBe(0);
  });

  it('names what is missing', async () => {
    await expect(open({ collection: 'bigg' })).rejects.toMatchObject({ code: 'UNKNOWN_COLLECTION', hint: 'Did you mean big?' });
    await expect(open({ collection: 'big', fields: ['tt'] })).rejects.toMatchObject({
      code: 'UNKNOWN_FIELD',
      hint: 'Did you mean t?',
    });
  });
});

describe('a scan that shares its view', () => {
  it('is read by another session as it was, partition by partition, and by nobody any more when it is closed', async () => {
    await database.client.query('CREATE TABLE moving (id int PRIMARY KEY, v text)');
    await database.client.query("INSERT INTO moving SELECT g, 'before' FROM generate_series(1, 500) AS g");
    const scan = await open({ collection: 'moving' });
    const partitions = await scan.partitions(3);
    const shared = scan.share!();
    await database.client.query("UPDATE moving SET v = 'after'");
    await database.client.query('DELETE FROM moving WHERE id > 250');
    const other = await open({ collection: 'moving', shared });
    const rows: string[] = [];
    for (const partition of partitions) {
      for await (const { batch } of other.read(partition, { batch_size: 100 })) {
        rows.push(...(batch.kind === 'rows' ? batch.rows.map(([, v]) => String(v)) : []));
      }
    }
    expect(rows).toEqual(Array.from({ length: 500 }, () => 'before'));
    await other[Symbol.asyncDispose]();
    await scan[Symbol.asyncDispose]();
    await expect(open({ collection: 'moving', shared })).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
  });

  it('is not opened by what is no snapshot', async () => {
    await expect(open({ collection: 'big', shared: "x'; DROP TABLE big; --" })).rejects.toMatchObject({
      code: 'INVALID_DOCUMENT',
    });
  });
});
