import type { RowBatch, SourceQuery, StoreSession } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { readTable, requireColumn } from '../src/catalog/table.ts';
import { Database } from '../src/database.ts';
import { boundaries } from '../src/source/partitions.ts';
import { server, servers, TestDatabase } from './harness.ts';

const numbers = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) SELECT`;

describe.each(servers)('a scan on %s', (name) => {
  it('goes on behind keys of several parts, of texts without case and of bytes', async () => {
    await using database = await TestDatabase.on(await server(name));
    await database.sql('CREATE TABLE t (a varchar(20), b varbinary(8), c decimal(20,4), v int, PRIMARY KEY (a, b, c))');
    await database.sql(`INSERT INTO t ${numbers} CONCAT('Ä', i MOD 7, 'x'), UNHEX(HEX(i MOD 11)), (i - 250) / 4, i FROM n`);
    const seen: unknown[] = [];
    for (const want of [1, 4]) {
      seen.length = 0;
      for (const row of await readPages(database.session, { collection: 't', fields: ['v'] }, want, 7)) seen.push(row[0]);
      expect(new Set(seen).size).toBe(500);
      expect(seen.length).toBe(500);
    }
  });

  it('reads one state of the table, whatever is written meanwhile', async () => {
    await using database = await TestDatabase.on(await server(name));
    await database.sql('CREATE TABLE t (id int PRIMARY KEY)');
    await database.sql(`INSERT INTO t ${numbers} i * 2 FROM n`);
    await using scan = await database.session.source!.scan({ collection: 't' });
    const [partition] = await scan.partitions(1);
    let rows = 0;
    for await (const { batch } of scan.read(partition!, { batch_size: 100 })) {
      rows += (batch as RowBatch).rows.length;
      await database.sql('INSERT INTO t SELECT MAX(id) + 1 FROM t');
    }
    expect([rows, await scan.count()]).toEqual([500, 500]);
  });

  it('streams a table without a key, and a view', async () => {
    await using database = await TestDatabase.on(await server(name));
    await database.sql('CREATE TABLE t (v int)');
    await database.sql(`INSERT INTO t ${numbers} i FROM n`);
    await database.sql('CREATE VIEW odd AS SELECT v FROM t WHERE v MOD 2 = 1');
    expect((await readPages(database.session, { collection: 't' }, 4, 64)).length).toBe(500);
    expect((await readPages(database.session, { collection: 'odd', conditions: { v: { lte: 100 } } }, 4, 7)).length).toBe(50);
  });

  it.each(['whole numbers', 'texts'])('cuts a large table by %s so that every row is in one part', async (kind) => {
    await using test = await TestDatabase.on(await server(name));
    await test.sql(`CREATE TABLE t (k ${kind === 'texts' ? 'varchar(20)' : 'bigint'} PRIMARY KEY)`);
    await test.sql(`INSERT INTO t ${numbers} i * i FROM n`);
    const database = await Database.connect(test.url);
    const table = await readTable(database, 't');
    // As the statistics of a large table would have it: then nobody counts.
    const large = { ...table, approximateCount: 200_000 };
    const cuts = await boundaries(database, large, [requireColumn(table, 'k')], 'TRUE', 4);
    await database.close();
    expect(cuts.length).toBeLessThanOrEqual(3);
    const order = kind === 'texts' ? cuts.map(([cut]) => String(cut)) : cuts.map(([cut]) => Number(cut));
    expect([...order].sort((left, right) => (left < right ? -1 : 1))).toEqual(order);
  });

  it('cuts a part of a large table by whole numbers within that part', async () => {
    await using test = await TestDatabase.on(await server(name));
    await test.sql('CREATE TABLE t (k bigint PRIMARY KEY)');
    await test.sql(`INSERT INTO t ${numbers} i * i FROM n`);
    const database = await Database.connect(test.url);
    const table = await readTable(database, 't');
    const large = { ...table, approximateCount: 200_000 };
    const key = [requireColumn(table, 'k')];
    const cuts = await boundaries(database, large, key, 'TRUE', 2, 'k > 10000 AND k < 40000');
    const none = await boundaries(database, large, key, 'TRUE', 2, 'k > 250000');
    await database.close();
    expect(cuts).toHaveLength(1);
    expect(Number(cuts[0]![0])).toBeGreaterThan(10_000);
    expect(Number(cuts[0]![0])).toBeLessThan(40_000);
    expect(none).toEqual([]);
  });

  it.each([
    ['few values far away', 'bigint', 'IF(i < 19000, i, 1000000000000 + i * 1000003)'],
    ['most values close together at the end', 'bigint unsigned', 'IF(i < 50, i * 1000000000, 18446744073709000000 + i)'],
    ['values without a gap', 'int', 'i - 10000'],
    ['clusters', 'bigint', '(i DIV 4000) * 100000000 + i MOD 4000'],
  ])('cuts a large table into parts of about the same size: %s', async (_title, type, value) => {
    await using test = await TestDatabase.on(await server(name));
    await test.sql(`CREATE TABLE t (k ${type} PRIMARY KEY, v varchar(60))`);
    await test.sql(
      `INSERT INTO t WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 199) SELECT ${value}, REPEAT('x', 60) FROM (SELECT a.i * 100 + b.i AS i FROM n a JOIN n b ON b.i < 100) numbered`,
    );
    await test.sql('ANALYZE TABLE t');
    const database = await Database.connect(test.url);
    const table = await readTable(database, 't');
    // As the statistics of a large table would have it: then nobody counts.
    const cuts = await boundaries(database, { ...table, approximateCount: 200_000 }, [requireColumn(table, 'k')], 'TRUE', 8);
    await database.close();
    const edges = cuts.map(([cut]) => String(cut));
    const parts: number[] = [];
    for (const [index, to] of [...edges, undefined].entries()) {
      const terms = [index > 0 ? `k >= ${edges[index - 1]}` : 'TRUE', to === undefined ? 'TRUE' : `k < ${to}`];
      parts.push(Number((await test.sql(`SELECT COUNT(*) FROM t WHERE ${terms.join(' AND ')}`))[0]![0]));
    }
    expect(parts.reduce((sum, rows) => sum + rows, 0)).toBe(20_000);
    // Estimates are rough; values cut evenly would have put nearly all rows into one part.
    expect(Math.max(...parts), parts.join(', ')).toBeLessThan((20_000 / 8) * 2);
  });
});

async function readPages(
  session: StoreSession,
  query: SourceQuery,
  want: number,
  batch_size: number,
): Promise<(readonly unknown[])[]> {
  await using scan = await session.source!.scan(query);
  const rows: (readonly unknown[])[] = [];
  for (const partition of await scan.partitions(want)) {
    let after: Parameters<typeof scan.read>[1]['after'];
    for (;;) {
      let batches = 0;
      for await (const { batch, last_key } of scan.read(partition, { batch_size, after })) {
        rows.push(...(batch as RowBatch).rows);
        after = JSON.parse(JSON.stringify(last_key)) as typeof after;
        // Where there is a key to go on behind, each second page is read by another reader.
        if (last_key !== null && ++batches === 2) break;
      }
      if (batches < 2) break;
    }
  }
  return rows;
}
