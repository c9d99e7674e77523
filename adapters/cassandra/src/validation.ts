import { enforcedViolations, type StoredValidation, type ValidationStore } from '@polyshift/adapter-kit';
import { deleteRow, putRow } from './journal.ts';
import { readJournal } from './journal-table.ts';
import type { Store } from './store.ts';

/** The validation schemas that are stored in the journal's table, by the name of the table that they are for. */
export function validationStore(store: Store): ValidationStore {
  return {
    async read(table) {
      const [row] = await readJournal(store, 'record', 'AND kind = ? AND key = ?', ['validation', table]);
      return row ? (JSON.parse(String(row['record'])) as StoredValidation) : null;
    },
    async write(table, validation) {
      if (validation) await putRow(store, 'validation', table, { record: JSON.stringify(validation) });
      else await deleteRow(store, 'validation', table);
    },
  };
}

/** All validation schemas, by table. */
export async function readValidations(store: Store): Promise<Map<string, StoredValidation>> {
  const rows = await readJournal(store, 'key, record', 'AND kind = ?', ['validation']);
  return new Map(rows.map((row) => [String(row['key']), JSON.parse(String(row['record'])) as StoredValidation]));
}

/** The rules that rows of a table must meet where polyshift writes them; undefined where it has no validation schema that refuses. */
export async function storedViolations(store: Store, table: string): Promise<ReturnType<typeof enforcedViolations>> {
  return enforcedViolations(await validationStore(store).read(table));
}
