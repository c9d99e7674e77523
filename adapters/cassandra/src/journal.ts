import {
  type Fence,
  type HistoryRecord,
  type JournalKind,
  type JournalStore,
  journalFormat,
  PolyshiftError,
} from '@polyshift/core';
import { type Bound, type DriverRow, writeAllIf, writeIf } from './cql/execute.ts';
import { ensureJournal, historyColumns, journalFormatOf, journalName, readJournal, scope, settled } from './journal-table.ts';
import type { Store } from './store.ts';

/** A kind of row in the journal's table: the kinds of the journal, and what the adapter keeps there itself. */
export type RowKind = JournalKind | 'lock' | 'validation';

/** The journal in the migrated keyspace itself. */
export function journalStore(store: Store): JournalStore {
  return {
    ensure: () => ensureJournal(store),

    format: () => journalFormatOf(store),

    async get(kind, key) {
      const [row] = await readJournal(store, '*', 'AND kind = ? AND key = ?', [kind, key]);
      return row && (fromRow(kind, row) as never);
    },

    async list(kind, prefix = '') {
      const rows = await readJournal(store, '*', 'AND kind = ? AND key >= ? AND key < ?', [kind, prefix, `${prefix}\u{10FFFF}`]);
      return rows.map((row) => fromRow(kind, row) as never);
    },

    async put(kind, key, record, fence) {
      const columns: Record<string, Bound> =
        kind === 'history'
          ? Object.fromEntries(
              Object.keys(historyColumns).map((name) => [name, (record as HistoryRecord)[name as keyof HistoryRecord]]),
            )
          : { record: JSON.stringify(record) };
      await putRow(store, kind, key, columns, fence);
    },

    async delete(kind, key, fence) {
      await deleteRow(store, kind, key, fence);
    },
  };
}

/** Writes columns of one row of the journal's table. */
export async function putRow(
  store: Store,
  kind: RowKind,
  key: string,
  columns: Readonly<Record<string, Bound>>,
  fence?: Fence,
): Promise<void> {
  const assignments = Object.keys(columns).map((name) => `"${name}" = ?`);
  await change(
    store,
    {
      query: `UPDATE ${journalName(store)} SET ${assignments.join(', ')} WHERE scope = ? AND kind = ? AND key = ?`,
      params: [...Object.values(columns), scope, kind, key],
    },
    fence,
  );
}

/** Deletes one row of the journal's table. */
export async function deleteRow(store: Store, kind: RowKind, key: string, fence?: Fence): Promise<void> {
  await change(
    store,
    { query: `DELETE FROM ${journalName(store)} WHERE scope = ? AND kind = ? AND key = ?`, params: [scope, kind, key] },
    fence,
  );
}

/** With a fence, one batch whose condition is on the lock's row: all or nothing. Without, the condition is the format of the journal. */
async function change(store: Store, statement: { query: string; params: Bound[] }, fence: Fence | undefined): Promise<void> {
  if (!fence) {
    const { applied } = await settled(() =>
      writeIf(store, `${statement.query} IF journal_format = ?`, [...statement.params, journalFormat]),
    );
    if (!applied)
      throw new PolyshiftError('JOURNAL_FORMAT', `the journal of ${store.keyspace} does not have the format ${journalFormat}`);
    return;
  }
  const token = BigInt(fence.token);
  const guard = {
    query: `UPDATE ${journalName(store)} SET fence = ? WHERE scope = ? AND kind = 'lock' AND key = ? IF fence = ? AND holder != null`,
    params: [token, scope, fence.lock, token],
  };
  const { applied } = await settled(() => writeAllIf(store, [guard, statement]));
  if (!applied) {
    throw new PolyshiftError('LEASE_LOST', `the lock ${fence.lock} has gone to another run: token ${fence.token} is outdated`);
  }
}

function fromRow(kind: JournalKind, row: DriverRow): unknown {
  if (kind !== 'history') return JSON.parse(String(row['record']));
  return Object.fromEntries(Object.keys(historyColumns).map((name) => [name, row[name]]));
}
