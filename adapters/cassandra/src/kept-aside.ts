import { keptByKit, strayPlaces } from '@polyshift/adapter-kit';
import type { KeptAside } from '@polyshift/core';
import { tableExists } from './catalog/drop-table.ts';
import { keptTable } from './catalog/kept-table.ts';
import { tableName } from './catalog/table-text.ts';
import { read } from './cql/execute.ts';
import { tableMissing } from './errors.ts';
import { rowStore } from './rows/row-store.ts';
import { asideTable, type Store } from './store.ts';

/** See `StoreSession.keptAside`: by reading, because the store's estimates are of each node's own share and often of none. */
export async function keptAside(store: Store, aside: string): Promise<KeptAside> {
  const kept = keptTable(aside);
  return keptByKit(rowStore(store, true), aside, (await tableExists(store, kept)) ? kept : undefined);
}

/** See `StoreSession.strayAside`. */
export async function strayAside(store: Store, known: readonly string[]): Promise<string[]> {
  const own = new Set([asideTable, ...known.flatMap((aside) => [keptTable(aside), keptTable(aside, 'back')])]);
  const tables = await read(store, 'SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?', [store.keyspace]);
  const kept = tables.map((row) => String(row['table_name'])).filter((name) => name.startsWith(asideTable) && !own.has(name));
  const places = new Set((await listPlaces(store)).map((row) => String(row['name'])));
  return [
    ...kept.sort().map((name) => `table ${store.keyspace}.${name}`),
    ...strayPlaces([...places], known).map((name) => `${name} in the table ${asideTable}`),
  ];
}

async function listPlaces(store: Store) {
  try {
    return await read(store, `SELECT DISTINCT name, bucket FROM ${tableName(store.keyspace, asideTable)}`);
  } catch (error) {
    if (tableMissing(error)) return [];
    throw error;
  }
}
