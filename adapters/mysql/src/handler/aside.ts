import { createHash } from 'node:crypto';
import type { RunContext } from '@polyshift/core';
import type { Connection, Queryable } from '../connection.ts';
import type { Database } from '../database.ts';
import { cutIdentifier, literal, quote } from '../identifiers.ts';
import { deleteMarks } from './marks.ts';

/** How the names begin of what steps keep aside. */
export const asidePrefix = 'polyshift_aside_';

/**
 * What a step keeps aside stands in the migrated database itself, under names that nobody is shown: a table that is renamed within its
 * database keeps its triggers and foreign keys, and no right to create databases is needed. Names of constraints made from a table's
 * name must still fit when it is called so, hence the limit.
 */
export function asideName(aside: string, what: string): string {
  const name = `${asidePrefix}${aside}_${what}`;
  if (name.length <= 52) return name;
  return `${asidePrefix}${createHash('sha256').update(aside).digest('hex').slice(0, 20)}_${what}`;
}

/** A table of a step's own, as SQL. */
export function asideTable(aside: string, what: string): string {
  return quote(asideName(aside, what));
}

/** Whether a table of this name is in the database of the connection. */
export async function hasTable(connection: Queryable, name: string): Promise<boolean> {
  const row = await connection.row(
    `SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ${literal(name)}`,
  );
  return row !== undefined;
}

/** Deletes tables that a step keeps aside, by what they are, and all its marks. Idempotent. */
export async function dropAside(connection: Connection, aside: string, ...kinds: readonly string[]): Promise<void> {
  if (kinds.length > 0)
    await connection.execute(`DROP TABLE IF EXISTS ${kinds.map((what) => asideTable(aside, what)).join(', ')}`);
  await deleteMarks(connection, aside);
}

/** As {@link dropAside}, for the end of a step: nothing but the step itself needs what is deleted. */
export async function discardAside(database: Database, run: RunContext, ...kinds: readonly string[]): Promise<void> {
  await run.guard();
  await database.use((connection) => dropAside(connection, run.aside, ...kinds));
}

/** A free name, as SQL, for a table of values that the application has written into a column that goes. It stays until somebody drops it. */
export async function newKeptTable(connection: Queryable, aside: string, field: string): Promise<string> {
  for (let number = 1; ; number++) {
    const name = cutIdentifier(`polyshift_kept_${aside}_${number}_${field}`);
    if (!(await hasTable(connection, name))) return quote(name);
  }
}
