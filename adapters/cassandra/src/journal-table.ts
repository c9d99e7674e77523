import { type HistoryRecord, journalFormat } from '@polyshift/core';
import { tableName } from './catalog/table-text.ts';
import { changeSchema, type DriverRow, read, writeIf } from './cql/execute.ts';
import { outcomeUnknown, tableMissing } from './errors.ts';
import { journalTable, type Store } from './store.ts';

/**
 * The one partition that all of polyshift's records are in: a conditional batch, which is how a lock fences the journal, cannot reach beyond
 * a partition of one table.
 */
export const scope = 'polyshift';

/** The columns of the history, one for each property of a record, for people to query: `WHERE scope = 'polyshift' AND kind = 'history'`. */
export const historyColumns: Readonly<Record<keyof HistoryRecord, string>> = {
  version: 'text',
  name: 'text',
  checksum: 'text',
  state: 'text',
  is_running: 'boolean',
  started_at: 'text',
  applied_at: 'text',
  duration_ms: 'double',
  run_id: 'text',
  steps_done: 'int',
  steps_total: 'int',
  error: 'text',
  rank: 'int',
  format: 'int',
};

/** The name of the journal's table in a statement. */
export function journalName(store: Store): string {
  return tableName(store.keyspace, journalTable);
}

/** Creates the table where it is missing, and says in it which format it has. */
export async function ensureJournal(store: Store): Promise<void> {
  if ((await journalFormatOf(store)) !== undefined) return;
  const history = Object.entries(historyColumns).map(([name, type]) => `"${name}" ${type}`);
  await changeSchema(
    store,
    `CREATE TABLE IF NOT EXISTS ${journalName(store)} (
      scope text, kind text, key text, journal_format int STATIC, ${history.join(', ')}, record text,
      fence bigint, holder text, acquired_at timestamp, expires_at timestamp, PRIMARY KEY (scope, kind, key)
    ) WITH comment = 'The history and locks of polyshift'`,
  );
  await settled(() =>
    writeIf(store, `UPDATE ${journalName(store)} SET journal_format = ? WHERE scope = ? IF journal_format = null`, [
      journalFormat,
      scope,
    ]),
  );
}

/** The format that the journal holds; undefined where there is none. */
export async function journalFormatOf(store: Store): Promise<number | undefined> {
  const rows = await readJournal(store, 'journal_format', 'LIMIT 1', []);
  const format: unknown = rows[0]?.['journal_format'];
  return format === null || format === undefined ? undefined : Number(format);
}

/** Reads rows of the journal's partition, what conditional writes have done last included; none where there is no journal. */
export async function readJournal(store: Store, columns: string, where: string, values: readonly string[]): Promise<DriverRow[]> {
  try {
    return await read(store, `SELECT ${columns} FROM ${journalName(store)} WHERE scope = ? ${where}`, [scope, ...values], {
      serial: true,
    });
  } catch (error) {
    if (tableMissing(error)) return [];
    throw error;
  }
}

/** Times that a write of unknown outcome is sent again, at most. */
const attempts = 6;

/** Sends a conditional write again where its outcome is unknown: for writes that come to the same end however often they are done. */
export async function settled<Result>(send: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await send();
    } catch (error) {
      if (attempt === attempts || !outcomeUnknown(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20 * 2 ** attempt));
    }
  }
}
