import { type JsonObject, type JsonValue, PolyshiftError, type Progress, type RunContext } from '@polyshift/core';
import { isFailure } from '../change/contention.ts';
import { keyList, keyText } from '../change/key-text.ts';
import { sameRow } from '../change/row-difference.ts';
import type { KeyedRow, RowStore } from '../row-store.ts';

/** Rows in a batch of a copy. */
const batchSize = 500;

/**
 * Copies every row of a collection into another one that polyshift has made, to the bit, then compares the two and repairs what the application
 * has written meanwhile, until a comparison finds nothing. Idempotent: rows that are there already are compared, not written again.
 *
 * @throws PolyshiftError STORE_BUSY where the application writes faster than the copy is repaired
 */
export async function* copyRows<Raw>(store: RowStore<Raw>, from: string, to: string, run: RunContext): AsyncGenerator<Progress> {
  const checkpoint = run.checkpoint as (JsonObject & { after?: JsonValue; rows_done?: number }) | undefined;
  let rows_done = checkpoint?.rows_done ?? 0;
  const rows_total = await store.approximateCount(from);
  const start = checkpoint?.after === undefined ? {} : { after: checkpoint.after };
  for await (const { rows, last } of store.scan(from, { batch_size: batchSize, ...start })) {
    await run.guard();
    await putRows(store, to, rows);
    await run.fault('copied');
    rows_done += rows.length;
    await run.save({ after: last, rows_done }, rows_done);
    yield { rows_done, rows_total };
  }
  for (let round = 0; ; round++) {
    const repaired = await repair(store, from, to, run);
    if (repaired === 0) return;
    if (round === 5) {
      throw new PolyshiftError('STORE_BUSY', `the application writes ${from} faster than it can be copied to ${to}`, {
        hint: 'Run again while the application does not write this collection; nothing of it is lost.',
        retryable: true,
      });
    }
    yield { rows_done, rows_total, note: `${repaired} rows of ${from} were written during the copy, and copied again` };
  }
}

/** Whether two collections hold the same rows; compares every one. */
export async function sameRows<Raw>(
  store: RowStore<Raw>,
  left: string,
  right: string,
): Promise<{ same: boolean; count: number }> {
  let count = 0;
  for (const [from, to, counts] of [
    [left, right, true],
    [right, left, false],
  ] as const) {
    for await (const { rows } of store.scan(from, { batch_size: batchSize })) {
      if (counts) count += rows.length;
      if ((await differing(store, to, rows)).length > 0) return { same: false, count };
    }
  }
  return { same: true, count };
}

/** Makes the copy equal; returns the number of rows that were not. */
async function repair<Raw>(store: RowStore<Raw>, from: string, to: string, run: RunContext): Promise<number> {
  let repaired = 0;
  for await (const { rows } of store.scan(from, { batch_size: batchSize })) {
    const different = await differing(store, to, rows);
    if (different.length === 0) continue;
    await run.guard();
    repaired += different.length;
    await putRows(store, to, different);
  }
  for await (const { rows } of store.scan(to, { batch_size: batchSize })) {
    const there = new Set(
      (
        await store.get(
          from,
          rows.map(({ key }) => key),
        )
      ).map(({ key }) => keyText(key)),
    );
    const gone = rows.filter(({ key }) => !there.has(keyText(key)));
    if (gone.length === 0) continue;
    await run.guard();
    repaired += gone.length;
    await store.write(
      to,
      gone.map(({ key, row }) => ({ kind: 'remove', key, row })),
    );
  }
  return repaired;
}

async function differing<Raw>(store: RowStore<Raw>, to: string, rows: readonly KeyedRow<Raw>[]): Promise<KeyedRow<Raw>[]> {
  const found = new Map(
    (
      await store.get(
        to,
        rows.map(({ key }) => key),
      )
    ).map((keyed) => [keyText(keyed.key), keyed.row]),
  );
  return rows.filter(({ key, row }) => {
    const other = found.get(keyText(key));
    return other === undefined || !sameRow(store.codec, row, other);
  });
}

/** Writes rows into a collection that nobody else writes, whatever is there under their keys. */
async function putRows<Raw>(store: RowStore<Raw>, to: string, rows: readonly KeyedRow<Raw>[]): Promise<void> {
  const outcomes = await store.write(
    to,
    rows.map(({ key, row }) => ({ kind: 'insert', key, row })),
  );
  const failed = outcomes.findIndex(isFailure);
  if (failed >= 0) {
    const { code, message } = outcomes[failed] as { code: PolyshiftError['code']; message: string };
    throw new PolyshiftError(code, `${to}: the row ${keyList([rows[failed]!.key])} cannot be written: ${message}`);
  }
  const taken = rows.filter((_row, position) => outcomes[position] === 'differs');
  if (taken.length === 0) return;
  const old = new Map(
    (
      await store.get(
        to,
        taken.map(({ key }) => key),
      )
    ).map((keyed) => [keyText(keyed.key), keyed.row]),
  );
  const stale = taken.filter(({ key, row }) => {
    const there = old.get(keyText(key));
    return there !== undefined && !sameRow(store.codec, there, row);
  });
  if (stale.length === 0) return;
  await store.write(
    to,
    stale.map(({ key }) => ({ kind: 'remove', key, row: old.get(keyText(key))! })),
  );
  await store.write(
    to,
    stale.map(({ key, row }) => ({ kind: 'insert', key, row })),
  );
}
