import type { CollectionSchema, StoreSchema } from '@polyshift/core';
import { describeTable } from './catalog/describe.ts';
import { findTable, type TableName, tableByOid } from './catalog/table-name.ts';
import type { Database } from './database.ts';

const allTables = `SELECT * FROM (SELECT c.oid, CASE WHEN pg_table_is_visible(c.oid) THEN c.relname ELSE n.nspname || '.' || c.relname END AS name
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^(pg_|information_schema$|polyshift$|polyshift_aside|polyshift_kept$)'
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')) AS t
  ORDER BY t.name COLLATE "C"`;

/** The schema of the named tables, or of all but those of the system, of extensions and of polyshift itself. One consistent view. */
export async function introspect(database: Database, names?: readonly string[]): Promise<StoreSchema> {
  return await database.transaction(
    async (connection) => {
      const found = new Map<string, TableName>();
      if (names) {
        for (const name of names) {
          const table = await findTable(connection, name);
          if (table) found.set(name, table);
        }
      } else {
        for (const row of await connection.rows<{ oid: number; name: string }>(allTables)) {
          const table = await tableByOid(connection, row.oid);
          if (table) found.set(row.name, table);
        }
      }
      const collections = new Map<string, CollectionSchema>();
      for (const [name, table] of found) collections.set(name, await describeTable(connection, table));
      return { collections: Object.fromEntries(collections) };
    },
    { isolation: 'REPEATABLE READ', read_only: true },
  );
}
