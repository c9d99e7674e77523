import { changeSchema, read } from '../cql/execute.ts';
import type { Store } from '../store.ts';
import { tableName } from './table-text.ts';

/** Whether there is a table of that name, a view left out. */
export async function tableExists(store: Store, name: string): Promise<boolean> {
  const rows = await read(store, 'SELECT table_name FROM system_schema.tables WHERE keyspace_name = ? AND table_name = ?', [
    store.keyspace,
    name,
  ]);
  return rows.length > 0;
}

/** Drops a table with its rows; one that is not there is no error, and no change of the schema, which would take its time. */
export async function dropTable(store: Store, name: string): Promise<void> {
  store.tables.delete(name);
  if (await tableExists(store, name)) await changeSchema(store, `DROP TABLE IF EXISTS ${tableName(store.keyspace, name)}`);
}
