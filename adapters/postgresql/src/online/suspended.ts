import type { JsonObject } from '@polyshift/core';
import { withQualifiedNames } from '../catalog/table.ts';
import type { TableName } from '../catalog/table-name.ts';
import type { Connection } from '../database.ts';
import { literal, quote } from '../identifiers.ts';

/** A constraint that rows from before it need not meet. */
type Suspended = { name: string; definition: string; comment: string | null };

/**
 * Takes off the constraints of the new version that are not validated, while rows are copied into it: the store would hold every copied row against them.
 * @returns what {@link resume} needs
 */
export async function suspend(connection: Connection, table: TableName): Promise<JsonObject[]> {
  const found = await withQualifiedNames(connection, () =>
    connection.rows<Suspended>(
      `SELECT conname AS name, pg_get_constraintdef(oid) AS definition, obj_description(oid, 'pg_constraint') AS comment
       FROM pg_constraint WHERE conrelid = $1 AND NOT convalidated ORDER BY conname`,
      [table.oid],
    ),
  );
  for (const { name } of found) await connection.execute(`ALTER TABLE ${table.sql} DROP CONSTRAINT ${quote(name)}`);
  return found;
}

/** Puts the constraints back, for rows to come. */
export async function resume(connection: Connection, table: string, suspended: readonly JsonObject[]): Promise<void> {
  for (const { name, definition, comment } of suspended as readonly Suspended[]) {
    await connection.execute(`ALTER TABLE ${table} ADD CONSTRAINT ${quote(name)} ${definition}`);
    if (comment !== null) await connection.execute(`COMMENT ON CONSTRAINT ${quote(name)} ON ${table} IS ${literal(comment)}`);
  }
}
