import { changeSchema } from '../cql/execute.ts';
import type { Store } from '../store.ts';
import { findTable } from './table.ts';
import { tableName } from './table-text.ts';

/** Drops a materialized view; one that is not there is no error. */
export async function dropView(store: Store, name: string): Promise<void> {
  if ((await findTable(store, name))?.view)
    await changeSchema(store, `DROP MATERIALIZED VIEW IF EXISTS ${tableName(store.keyspace, name)}`);
  store.tables.delete(name);
}
