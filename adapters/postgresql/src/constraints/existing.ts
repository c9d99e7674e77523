import type { Queryable } from '../connection.ts';

/** A constraint as the server holds it; its definition is printed with qualified names where the search_path is empty. */
export type ExistingConstraint = {
  name: string;
  type: string;
  definition: string;
  validated: boolean;
  comment: string | null;
};

/** Looks for a constraint of a table. */
export async function findConstraint(connection: Queryable, oid: number, name: string): Promise<ExistingConstraint | undefined> {
  return await connection.row<ExistingConstraint>(
    `SELECT conname AS name, contype AS type, pg_get_constraintdef(oid) AS definition, convalidated AS validated,
       obj_description(oid, 'pg_constraint') AS comment FROM pg_constraint WHERE conrelid = $1 AND conname = $2`,
    [oid, name],
  );
}
