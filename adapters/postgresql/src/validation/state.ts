import { withQualifiedNames } from '../catalog/table.ts';
import { validationHolder, validationPrefix } from '../catalog/validation-comment.ts';
import type { Queryable } from '../connection.ts';
import { literal, quote } from '../identifiers.ts';
import { block } from '../script/block.ts';
import type { ValidationCheck } from './compile.ts';

/** A constraint of a validation schema as the server holds it. */
export type KeptConstraint = { name: string; definition: string; comment: string | null };

/** The constraints that make up the validation schema of a table. */
export async function readValidationConstraints(connection: Queryable, oid: number): Promise<KeptConstraint[]> {
  return await withQualifiedNames(connection, () =>
    connection.rows<KeptConstraint>(
      `SELECT conname AS name, pg_get_constraintdef(oid) AS definition, obj_description(oid, 'pg_constraint') AS comment
       FROM pg_constraint WHERE conrelid = $1 AND contype = 'c' AND starts_with(conname, '${validationPrefix}') ORDER BY conname`,
      [oid],
    ),
  );
}

/** Puts one set of constraints in the place of another. */
export async function replaceConstraints(
  connection: Queryable,
  table: { oid: number; sql: string },
  wanted: readonly KeptConstraint[],
): Promise<void> {
  for (const { name } of await readValidationConstraints(connection, table.oid))
    await connection.execute(`ALTER TABLE ${table.sql} DROP CONSTRAINT ${quote(name)}`);
  for (const statement of addStatements(table.sql, wanted)) await connection.execute(statement);
}

/** The statements that do what {@link replaceConstraints} does, whatever the table has when they run. */
export function replaceStatements(table: string, wanted: readonly KeptConstraint[]): string[] {
  return [
    block(
      `FOR held IN SELECT conname FROM pg_constraint
    WHERE conrelid = ${literal(table)}::regclass AND contype = 'c' AND starts_with(conname, '${validationPrefix}') ORDER BY conname
  LOOP
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', ${literal(table)}, held);
  END LOOP;`,
      'held name;',
    ),
    ...addStatements(table, wanted),
  ];
}

/** The statements that add constraints to the letter, with their comments. */
function addStatements(table: string, wanted: readonly KeptConstraint[]): string[] {
  return wanted.flatMap(({ name, definition, comment }) => [
    `ALTER TABLE ${table} ADD CONSTRAINT ${quote(name)} ${definition}`,
    ...(comment === null ? [] : [`COMMENT ON CONSTRAINT ${quote(name)} ON ${table} IS ${literal(comment)}`]),
  ]);
}

/** The constraints of a new validation schema: the holder of its text, and the checks, which bind new rows at once and old ones never or later. */
export function toConstraints(
  checks: readonly ValidationCheck[],
  definition: object,
  level: 'off' | 'strict' | 'moderate',
): KeptConstraint[] {
  const holder: KeptConstraint = { name: validationHolder, definition: 'CHECK (true)', comment: JSON.stringify(definition) };
  if (level === 'off') return [holder];
  return [
    holder,
    ...checks.map(({ name, condition }) => ({ name, definition: `CHECK (${condition}) NOT VALID`, comment: null })),
  ];
}
