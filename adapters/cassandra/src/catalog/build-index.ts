import { changeSchema } from '../cql/execute.ts';
import { quoted } from '../cql/identifier.ts';
import type { Store } from '../store.ts';
import { indexBuild, untilBuilt, type Waiting } from './builds.ts';
import { type IndexDefinition, indexText } from './index-definition.ts';
import { findTable } from './table.ts';
import { tableName } from './table-text.ts';

/** The index of a table by name; undefined where it has none of that name. */
export async function findIndex(store: Store, table: string, name: string): Promise<IndexDefinition | undefined> {
  return (await findTable(store, table))?.indexes.find((index) => index.name === name);
}

/** Builds an index where it is missing, and waits until every node has built it. */
export async function buildIndex(store: Store, table: string, index: IndexDefinition, run: Waiting): Promise<void> {
  if (!(await findIndex(store, table, index.name))) await changeSchema(store, indexText(tableName(store.keyspace, table), index));
  await untilBuilt(store, indexBuild(index.name), run);
}

/** Drops an index; one that is not there is no error. */
export async function dropIndex(store: Store, table: string, name: string): Promise<void> {
  if (await findIndex(store, table, name))
    await changeSchema(store, `DROP INDEX IF EXISTS ${quoted(store.keyspace)}.${quoted(name)}`);
}
