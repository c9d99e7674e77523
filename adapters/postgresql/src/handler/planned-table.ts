import type { CollectionSchema, PlanContext } from '@polyshift/core';
import { ownValue, PolyshiftError } from '@polyshift/core';
import { readTable, type Table } from '../catalog/table.ts';
import { nearest } from '../catalog/table-name.ts';
import type { ComparableColumn } from '../comparable.ts';
import type { Database } from '../database.ts';
import { quote } from '../identifiers.ts';

/** A table as a plan sees it: it may not exist yet, or look otherwise by the time the operation runs. */
export interface PlannedTable {
  readonly name: string;
  readonly sql: string;
  readonly rows: number | undefined;
  readonly schema: CollectionSchema | undefined;
  readonly live: Table | undefined;
  /** A column by name. Throws UNKNOWN_FIELD. */
  column(field: string): ComparableColumn;
}

/** Looks for a table first in the schema that the operations before will have made, then in the store. Throws UNKNOWN_COLLECTION. */
export async function plannedTable(database: Database, context: PlanContext, collection: string): Promise<PlannedTable> {
  const schema = ownValue(context.schema.collections, collection);
  let live: Table | undefined;
  try {
    live = await database.transaction((connection) => readTable(connection, collection), { read_only: true });
  } catch (error) {
    if (!(error instanceof PolyshiftError) || error.code !== 'UNKNOWN_COLLECTION' || !schema) throw error;
  }
  const columns = new Map<string, ComparableColumn>();
  if (schema) {
    for (const field of schema.fields) {
      const real = live?.columns.find((column) => column.name === field.name && column.native === field.native);
      columns.set(field.name, real ?? { name: field.name, type: field.type, native: field.native });
    }
  } else for (const column of live?.columns ?? []) columns.set(column.name, column);
  return {
    name: collection,
    sql: live?.sql ?? collection.split('.').map(quote).join('.'),
    rows: schema?.approximate_count ?? live?.approximateCount,
    schema,
    live,
    column(field) {
      const column = columns.get(field);
      if (column) return column;
      const near = nearest(field, [...columns.keys()]);
      throw new PolyshiftError('UNKNOWN_FIELD', `The table ${collection} has no column ${field}.`, {
        hint: near === undefined ? `It has ${[...columns.keys()].join(', ')}.` : `Did you mean ${near}?`,
      });
    },
  };
}
