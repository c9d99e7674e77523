import { columnOf, openTable } from '../catalog/table.ts';
import { tableName } from '../catalog/table-text.ts';
import { changeSchema } from '../cql/execute.ts';
import { quoted } from '../cql/identifier.ts';
import type { Store } from '../store.ts';
import type { CqlType } from '../values/cql-type.ts';

/** Adds a column where it is missing, or drops it where it is there, and describes the table anew. */
export async function changeColumn(
  store: Store,
  table: string,
  change: 'ADD' | 'DROP',
  column: string,
  type?: CqlType,
): Promise<void> {
  const found = columnOf(await openTable(store, table), column);
  if ((found === undefined) !== (change === 'ADD')) return;
  const what = change === 'ADD' ? `${quoted(column)} ${type!.text}` : quoted(column);
  await changeSchema(store, `ALTER TABLE ${tableName(store.keyspace, table)} ${change} ${what}`);
  await openTable(store, table);
}
