import { keyText, type RowKey, type RowStore, type RowWrite } from '@polyshift/adapter-kit';
import { type JsonObject, type JsonValue, PolyshiftError, type Progress, type RunContext } from '@polyshift/core';
import { keyNames, openedTable } from '../catalog/table.ts';
import type { Store } from '../store.ts';

/** A column of a table, and the place aside for its values. */
export interface KeptColumn {
  readonly collection: string;
  readonly field: string;
  readonly place: string;
  readonly batchSize: number;
}

/** Passes over a table that the application writes all the time, at most. */
const passes = 6;

/** Entries in a page of what is kept. */
const pageSize = 500;

/**
 * Keeps the values of a column aside before it is dropped: in passes over the table, until one finds nothing that is not kept already. A row
 * that has no other value gets its key written, and its value taken away: with the column alone, the row itself would be gone. Idempotent.
 */
export async function* keepValues(
  store: Store,
  rows: RowStore<Buffer>,
  column: KeptColumn,
  run: RunContext,
): AsyncGenerator<Progress> {
  await rows.aside.ensure(column.place);
  for (let pass = 1; ; pass++) {
    let rows_done = 0;
    let changed = 0;
    for await (const batch of rows.scan(column.collection, { batch_size: column.batchSize })) {
      await run.guard();
      changed += await keepBatch(store, rows, column, batch.rows);
      await run.fault('kept');
      rows_done += batch.rows.length;
      yield { rows_done, note: `keeping the values of ${column.field}` };
    }
    // What was taken away in an earlier pass is kept, and is not there any more.
    if (changed === 0) return;
    if (pass === passes) {
      throw new PolyshiftError('STORE_BUSY', `the application writes ${column.field} faster than it can be kept aside`, {
        hint: 'Deploy the version that does not write this column first.',
        retryable: true,
      });
    }
  }
}

/** Returns the number of rows whose value was not kept yet, or had to be taken away. */
async function keepBatch(
  store: Store,
  rows: RowStore<Buffer>,
  { collection, field, place }: KeptColumn,
  batch: readonly { readonly key: RowKey; readonly row: ReadonlyMap<string, Buffer> }[],
): Promise<number> {
  const own = keyNames(openedTable(store, collection)).length;
  const present = batch.filter(({ row }) => row.has(field));
  if (present.length === 0) return 0;
  const known = await rows.aside.get(
    place,
    present.map(({ key }) => keyText(key)),
  );
  const fresh = present.filter(
    ({ key, row }) => (known.get(keyText(key)) as JsonObject | undefined)?.['raw'] !== rows.codec.toJson(row.get(field)!),
  );
  const entries = fresh.map(({ key, row }) => ({ key: keyText(key), value: { key, raw: rows.codec.toJson(row.get(field)!) } }));
  if (entries.length > 0) await rows.aside.put(place, entries, 'replace');
  const alone = present.filter(({ row }) => row.size === own + 1);
  const writes = alone.map(
    ({ key, row }): RowWrite<Buffer> => ({ kind: 'change', key, fields: [{ field, before: row.get(field)!, after: undefined }] }),
  );
  const outcomes = writes.length > 0 ? await rows.write(collection, writes) : [];
  // One that was written in between is met again in the next pass.
  return fresh.length + outcomes.filter((outcome) => outcome === 'differs').length;
}

/** Gives the kept values back to the rows that have none in the column now; what the application has written or deleted since stays. Idempotent. */
export async function* restoreValues(rows: RowStore<Buffer>, column: KeptColumn, run: RunContext): AsyncGenerator<Progress> {
  let after: string | undefined;
  let rows_done = 0;
  for (;;) {
    const entries = await rows.aside.list(column.place, after, pageSize);
    if (entries.length === 0) return;
    after = entries.at(-1)!.key;
    await run.guard();
    const writes = entries.map(({ value }): RowWrite<Buffer> => {
      const { key, raw } = value as { key: JsonValue; raw: JsonValue };
      return { kind: 'change', key, fields: [{ field: column.field, before: undefined, after: rows.codec.fromJson(raw) }] };
    });
    const outcomes = await rows.write(column.collection, writes);
    const refused = outcomes.find((outcome) => typeof outcome === 'object');
    if (refused) throw new PolyshiftError(refused.code, `${column.collection}: ${refused.message}`);
    await run.fault('restored');
    rows_done += entries.length;
    yield { rows_done };
  }
}
