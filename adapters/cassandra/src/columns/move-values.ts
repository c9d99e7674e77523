import { fieldIs, type KeyedRow, type RowStore, type RowWrite } from '@polyshift/adapter-kit';
import { PolyshiftError, type Progress, type RunContext } from '@polyshift/core';

/** Which column's values go where. */
export interface ColumnMove {
  readonly collection: string;
  readonly from: string;
  readonly to: string;
  readonly batchSize: number;
  /** Only into rows that have no value in `to`; default false. */
  readonly onlyMissing?: boolean;
}

/** Passes over a table that the application writes all the time, at most. */
const passes = 10;

/**
 * Copies the values of a column into another one of the same type, each on the condition that both are as they were read, in passes until one
 * finds nothing to do. Where both have values, that of `from` counts: it is what the application writes. Idempotent.
 */
export async function* moveValues(store: RowStore<Buffer>, move: ColumnMove, run: RunContext): AsyncGenerator<Progress> {
  for (let pass = 1; ; pass++) {
    let rows_done = 0;
    let changed = 0;
    for await (const batch of store.scan(move.collection, { batch_size: move.batchSize })) {
      const writes = batch.rows.flatMap((keyed) => moveRow(store, move, keyed));
      if (writes.length > 0) {
        await run.guard();
        const outcomes = await store.write(move.collection, writes);
        const refused = outcomes.find((outcome) => typeof outcome === 'object');
        if (refused) throw new PolyshiftError(refused.code, `${move.collection}: ${refused.message}`);
        await run.fault('copied');
        changed += writes.length;
      }
      rows_done += batch.rows.length;
      yield { rows_done, note: `copying ${move.from} to ${move.to}` };
    }
    if (changed === 0) return;
    if (pass === passes) {
      throw new PolyshiftError('STORE_BUSY', `the application writes ${move.from} faster than it can be copied to ${move.to}`, {
        hint: 'Deploy the version that writes the new name first.',
        retryable: true,
      });
    }
  }
}

function moveRow(
  { codec }: RowStore<Buffer>,
  { from, to, onlyMissing }: ColumnMove,
  { key, row }: KeyedRow<Buffer>,
): RowWrite<Buffer>[] {
  const value = row.get(from);
  if (value === undefined || fieldIs(codec, row, to, value) || (onlyMissing && row.has(to))) return [];
  return [
    {
      kind: 'change',
      key,
      fields: [
        { field: to, before: row.get(to), after: value },
        { field: from, before: value, after: value },
      ],
    },
  ];
}
