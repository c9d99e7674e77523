import { type KeyedRow, keyText, type RawRow, type RowStore, sameRow } from '@polyshift/adapter-kit';
import { PolyshiftError, type Progress, type RunContext } from '@polyshift/core';
import { openTable, type Table } from '../catalog/table.ts';
import { insertText } from '../catalog/table-text.ts';
import { inParallel, write } from '../cql/execute.ts';
import { columnsUnder } from '../rows/get-row.ts';
import { rowStore } from '../rows/row-store.ts';
import type { Store } from '../store.ts';

/** Rows in a batch of a copy. */
const batchSize = 500;

/** Passes over a table that the application writes all the time, at most. */
const passes = 6;

/** Which rows go where, and what becomes of them on the way. */
export interface TableCopy {
  readonly from: string;
  readonly to: string;
  /** The row of the new table for one of the old. */
  readonly convert: (keyed: KeyedRow<Buffer>) => Promise<RawRow<Buffer>>;
}

/**
 * Copies a table that the application may still write into one that nobody else does, in passes: until one finds each row there as it has to be, and none
 * that is not in the other table any more.
 */
export async function* copyUntilEqual(store: Store, copy: TableCopy, run: RunContext): AsyncGenerator<Progress> {
  const rows = rowStore(store, true);
  const target = await openTable(store, copy.to);
  await openTable(store, copy.from);
  for (let pass = 1; ; pass++) {
    let rows_done = 0;
    let changed = 0;
    for await (const batch of rows.scan(copy.from, { batch_size: batchSize })) {
      await run.guard();
      const wanted = await inParallel(batch.rows, async (keyed) => ({ key: keyed.key, row: await copy.convert(keyed) }));
      const missing = await differing(rows, copy.to, wanted);
      await inParallel(missing, (keyed) => replaceRow(store, target, keyed));
      await run.fault('copied');
      changed += missing.length;
      rows_done += batch.rows.length;
      yield { rows_done, note: `copying ${copy.from}, pass ${pass}` };
    }
    changed += pass === 1 ? 0 : await removeOthers(rows, copy, run);
    if (pass > 1 && changed === 0) return;
    if (pass === passes) {
      throw new PolyshiftError('STORE_BUSY', `the application writes ${copy.from} faster than it can be copied`, {
        hint: 'Run again while the application does not write this table; nothing of it is lost.',
        retryable: true,
      });
    }
  }
}

/**
 * Fills a table that was made anew from one that nobody writes any more. Every value gets a time of writing that lies before the table was made: so
 * whatever the application has written or deleted in it since counts, however often this is done.
 *
 * @param at microseconds since 1970
 */
export async function* fillTable(store: Store, copy: TableCopy, at: bigint, run: RunContext): AsyncGenerator<Progress> {
  const rows = rowStore(store, true);
  const target = await openTable(store, copy.to);
  await openTable(store, copy.from);
  let rows_done = 0;
  for await (const batch of rows.scan(copy.from, { batch_size: batchSize })) {
    await run.guard();
    await inParallel(batch.rows, async (keyed) =>
      insertRow(store, target, { key: keyed.key, row: await copy.convert(keyed) }, at),
    );
    await run.fault('filled');
    rows_done += batch.rows.length;
    yield { rows_done, note: `filling ${copy.to}` };
  }
}

async function differing(rows: RowStore<Buffer>, to: string, wanted: readonly KeyedRow<Buffer>[]): Promise<KeyedRow<Buffer>[]> {
  const found = await rows.get(
    to,
    wanted.map(({ key }) => key),
  );
  const there = new Map(found.map((keyed) => [keyText(keyed.key), keyed.row]));
  return wanted.filter(({ key, row }) => {
    const other = there.get(keyText(key));
    return other === undefined || !sameRow(rows.codec, other, row);
  });
}

async function removeOthers(rows: RowStore<Buffer>, copy: TableCopy, run: RunContext): Promise<number> {
  let removed = 0;
  for await (const batch of rows.scan(copy.to, { batch_size: batchSize })) {
    const found = await rows.get(
      copy.from,
      batch.rows.map(({ key }) => key),
    );
    const there = new Set(found.map(({ key }) => keyText(key)));
    const gone = batch.rows.filter(({ key }) => !there.has(keyText(key)));
    if (gone.length === 0) continue;
    await run.guard();
    removed += gone.length;
    await rows.write(
      copy.to,
      gone.map(({ key, row }) => ({ kind: 'remove', key, row })),
    );
  }
  return removed;
}

/** Writes a row as it is into a table that nobody else writes: what it lacks becomes null. */
async function replaceRow(store: Store, table: Table, { key, row }: KeyedRow<Buffer>): Promise<void> {
  const columns = columnsUnder(table, key);
  await write(
    store,
    insertText(store.keyspace, table.name, columns),
    columns.map(({ name }) => row.get(name) ?? null),
  );
}

async function insertRow(store: Store, table: Table, { key, row }: KeyedRow<Buffer>, at: bigint): Promise<void> {
  const columns = columnsUnder(table, key);
  await write(store, `${insertText(store.keyspace, table.name, columns)} USING TIMESTAMP ?`, [
    ...columns.map(({ name }) => row.get(name)),
    at,
  ]);
}
