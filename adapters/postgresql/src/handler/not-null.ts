import type { Queryable } from '../connection.ts';
import { quote } from '../identifiers.ts';

/**
 * The name of the constraint that makes a column NOT NULL, where the server keeps such constraints (from PostgreSQL 18 on); null where the
 * column only has the flag, undefined where it may be null.
 */
export async function readNotNull(connection: Queryable, oid: number, column: number): Promise<string | null | undefined> {
  const row = await connection.row<{ not_null: boolean; name: string | null }>(
    `SELECT a.attnotnull AS not_null,
       (SELECT conname FROM pg_constraint WHERE conrelid = a.attrelid AND contype = 'n' AND conkey = ARRAY[a.attnum]) AS name
     FROM pg_attribute a WHERE a.attrelid = $1 AND a.attnum = $2`,
    [oid, column],
  );
  return row?.not_null ? row.name : undefined;
}

/** The statement that makes a column NOT NULL again, under the name that the constraint had. */
export function restoreNotNull(table: string, field: string, name: string | null): string {
  return name === null
    ? `ALTER TABLE ${table} ALTER COLUMN ${quote(field)} SET NOT NULL`
    : `ALTER TABLE ${table} ADD CONSTRAINT ${quote(name)} NOT NULL ${quote(field)}`;
}
