import { findTable, newTableName } from '../catalog/table-name.ts';
import type { Queryable } from '../connection.ts';
import { quoteQualified } from '../identifiers.ts';

/** Where a table stands, by its name alone. */
export interface Place {
  readonly schema: string;
  readonly name: string;
  /** Qualified and quoted. */
  readonly sql: string;
}

/**
 * Where the table of an operation will stand when the script comes to it. It may be called otherwise now, or be kept aside, because of later
 * operations that the script takes back before: then it comes back to where a new table of that name would go.
 */
export async function placeOf(connection: Queryable, collection: string): Promise<Place> {
  const { schema, name } = (await findTable(connection, collection)) ?? (await newTableName(connection, collection));
  return { schema, name, sql: quoteQualified(schema, name) };
}
