import { read } from '../cql/execute.ts';
import type { Store } from '../store.ts';

/** The names of the materialized views of a table. */
export async function viewsOf(store: Store, table: string): Promise<string[]> {
  const rows = await read(store, 'SELECT view_name, base_table_name FROM system_schema.views WHERE keyspace_name = ?', [
    store.keyspace,
  ]);
  return rows.filter((row) => row['base_table_name'] === table).map((row) => String(row['view_name']));
}
