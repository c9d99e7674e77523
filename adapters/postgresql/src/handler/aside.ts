import { asideColumnPrefix } from '../catalog/table.ts';
import type { Queryable } from '../connection.ts';
import { cutIdentifier, quote, quoteQualified } from '../identifiers.ts';

/**
 * The schema that keeps what one step needs for its undo. Each step has its own, so that a table moved there keeps its name and those of its
 * indexes and sequences, whatever other steps keep aside.
 */
export function asideSchema(aside: string): string {
  return cutIdentifier(`polyshift_aside_${aside}`);
}

/** A table in the aside schema of a step, as SQL. */
export function asideTable(aside: string, name: string): string {
  return quoteQualified(asideSchema(aside), name);
}

/** The name of a column that a step keeps aside in its own table. */
export function asideColumn(aside: string): string {
  return cutIdentifier(asideColumnPrefix + aside);
}

/** Creates the aside schema of a step. Idempotent. */
export async function createAsideSchema(connection: Queryable, aside: string): Promise<void> {
  await connection.execute(`CREATE SCHEMA IF NOT EXISTS ${quote(asideSchema(aside))}`);
}

/** The tables that a step keeps aside. */
export async function asideTables(connection: Queryable, aside: string): Promise<string[]> {
  const rows = await connection.rows<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') ORDER BY c.relname`,
    [asideSchema(aside)],
  );
  return rows.map((row) => row.name);
}

/** Whether a step keeps a table of this name aside. */
export async function hasAsideTable(connection: Queryable, aside: string, name: string): Promise<boolean> {
  return (await asideTables(connection, aside)).includes(name);
}

/**
 * Deletes all that a step keeps aside, and its marks. Never by CASCADE: what somebody has come to depend on is an error, not a
 * casualty. Idempotent.
 */
export async function dropAside(connection: Queryable, aside: string): Promise<void> {
  const schema = asideSchema(aside);
  const tables = await asideTables(connection, aside);
  if (tables.length > 0) await connection.execute(`DROP TABLE ${tables.map((name) => quoteQualified(schema, name)).join(', ')}`);
  await connection.execute(`DROP SCHEMA IF EXISTS ${quote(schema)}`);
  await connection.rows('DELETE FROM polyshift.step_marks WHERE aside = $1', [aside]);
}

/** The schema for what a rollback found written by the application and had no place for; nobody but the user deletes it. */
export const keptSchema = 'polyshift_kept';

/** A free table name in {@link keptSchema}, which is created where it is missing. */
export async function newKeptTable(connection: Queryable, aside: string, field: string): Promise<string> {
  await connection.execute(`CREATE SCHEMA IF NOT EXISTS ${quote(keptSchema)}`);
  return await freeKeptTable(connection, aside, field);
}

/** A free table name in {@link keptSchema}, whether that exists or not. */
export async function freeKeptTable(connection: Queryable, aside: string, field: string): Promise<string> {
  for (let number = 1; ; number++) {
    const name = cutIdentifier(`${aside}_${number}_${field}`);
    const row = await connection.row<{ taken: string | null }>('SELECT to_regclass($1) AS taken', [
      quoteQualified(keptSchema, name),
    ]);
    if (row?.taken == null) return quoteQualified(keptSchema, name);
  }
}
