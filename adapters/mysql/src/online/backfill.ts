import type { JsonValue, Progress, RunContext } from '@polyshift/core';
import { nextChunkSize, PolyshiftError, pause } from '@polyshift/core';
import { readTable, requireColumn, type TableColumn } from '../catalog/table.ts';
import { keyFromJson, keyToJson } from '../source/bounds.ts';
import { copyRanges } from './backfill-ranges.ts';
import { blockers } from './blockers.ts';
import { Copy } from './copy-range.ts';
import type { Mapping } from './mapping.ts';
import type { OnlineWork } from './new-table.ts';
import { countRefused } from './refused.ts';

/** Pauses in milliseconds between passes over rows that somebody else holds. */
const pauses = [50, 100, 200, 400, 800, 1600, 3000, 3000, 3000];

/**
 * Copies the rows that the new version lacks, in chunks by key. A chunk is one transaction that first locks the rows, passing over those that
 * somebody holds: so it waits for nobody, and nobody can change or delete a row while it is copied. Rows that were passed over come in the next
 * pass; the last pass finds none. What the new version refuses is recorded, row by row.
 */
export async function* backfill(work: OnlineWork, mapping: Mapping, run: RunContext): AsyncIterable<Progress> {
  const { database, operation } = work;
  const copy = new Copy(work, mapping, await keyColumns(work, mapping));
  const saved = run.checkpoint as { after?: JsonValue; rows?: number } | undefined;
  const total = (await readTable(database, operation.collection)).approximateCount;
  let after = keyFromJson(saved?.after);
  let rows = saved?.rows ?? 0;
  for await (const progress of copyRanges(copy, work, run, total)) {
    rows = progress.rows_done;
    yield progress;
  }
  let size = operation.batch_size;
  let idle = 0;
  for (;;) {
    await run.guard();
    const startedAt = performance.now();
    const last = await copy.nextEnd(after, size);
    if (last === undefined && after === null) break;
    if (last === undefined) {
      after = null;
      continue;
    }
    const copied = await copy.range({ after, last }, size, run);
    await run.fault('chunk_committed');
    rows += copied;
    idle = copied === 0 ? idle : 0;
    after = last;
    await run.save({ after: keyToJson(last), rows }, rows);
    yield { rows_done: rows, rows_total: Math.max(total ?? rows, rows) };
    size = nextChunkSize(size, performance.now() - startedAt, operation.batch_size);
    if (copied > 0) continue;
    const rest = pauses[idle++];
    if (rest === undefined) throw await held(work);
    await pause(rest, run.signal).catch(() => run.guard());
  }
  await run.save({ done: true, rows }, rows);
  const refused = await countRefused(database, work.names);
  yield { rows_done: rows, rows_total: rows, ...(refused > 0 ? { note: `${refused} rows do not fit the new version` } : {}) };
}

async function keyColumns({ database, operation }: OnlineWork, mapping: Mapping): Promise<TableColumn[]> {
  const table = await readTable(database, operation.collection);
  return mapping.key.map((pair) => requireColumn(table, pair.old));
}

async function held({ database, names, undo }: OnlineWork): Promise<PolyshiftError> {
  const sessions = await database.use((connection) => blockers(connection, names.schema, [undo.name]));
  return new PolyshiftError('STORE_BUSY', `Rows of ${undo.name} stay locked: ${sessions.join(', ') || 'by whom nobody knows'}.`, {
    retryable: true,
    hint: 'Wait until these transactions have ended, or end them; then run again.',
  });
}
