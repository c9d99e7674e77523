import type { CollectionSchema, StoreSchema } from '@polyshift/core';
import { describeTable } from './catalog/describe.ts';
import { allTables, findTable, type TableName } from './catalog/table-name.ts';
import type { Database } from './database.ts';

/** The schema of the named tables, or of all in the database of the URL but polyshift's own. */
export async function introspect(database: Database, names?: readonly string[]): Promise<StoreSchema> {
  return await database.use(async (connection) => {
    const found = new Map<string, TableName>();
    if (names) {
      for (const name of names) {
        const table = await findTable(connection, name);
        if (table) found.set(name, table);
      }
    } else for (const table of await allTables(connection)) found.set(table.name, table);
    const collections = new Map<string, CollectionSchema>();
    for (const [name, table] of found) collections.set(name, await describeTable(connection, table));
    return { collections: Object.fromEntries(collections) };
  });
}
