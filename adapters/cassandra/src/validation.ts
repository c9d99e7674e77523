import type { Fence, JsonObject } from '@polyshift/core';
import { deleteRow, putRow } from './journal.ts';
import { readJournal } from './journal-table.ts';
import type { Store } from './store.ts';

/** The validation schemas that are stored, by table: with level and action. */
export async function readValidations(store: Store): Promise<Map<string, JsonObject>> {
  const rows = await readJournal(store, 'key, record', 'AND kind = ?', ['validation']);
  return new Map(rows.map((row) => [String(row['key']), JSON.parse(String(row['record'])) as JsonObject]));
}

/** The validation schema of a table, polyshift's own copies included. */
export async function readValidation(store: Store, table: string): Promise<JsonObject | undefined> {
  const [row] = await readJournal(store, 'record', 'AND kind = ? AND key = ?', ['validation', table]);
  return row && (JSON.parse(String(row['record'])) as JsonObject);
}

/** Sets the validation schema of a table, or takes it away. */
export async function writeValidation(
  store: Store,
  table: string,
  validation: JsonObject | undefined,
  fence?: Fence,
): Promise<void> {
  if (validation) await putRow(store, 'validation', table, { record: JSON.stringify(validation) }, fence);
  else await deleteRow(store, 'validation', table, fence);
}
