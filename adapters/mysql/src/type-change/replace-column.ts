import type { TableIndex } from '../catalog/create-statement.ts';
import { asideColumnPrefix, readTable, type Table } from '../catalog/table.ts';
import type { Connection } from '../connection.ts';
import { checksOver } from '../constraints/checks-over.ts';
import { quote } from '../identifiers.ts';
import { alterTable } from '../online-ddl/alter.ts';

/** A column that takes the place of another one of its name. */
export interface Replacement {
  readonly collection: string;
  readonly field: string;
  /** What stands behind its name, whole. */
  readonly definition: string;
  /** Its type alone. */
  readonly type: string;
  /** The indexes that are to be over it, in the server's words. */
  readonly indexes: readonly { readonly name: string; readonly definition: string }[];
  /** The checks that are to name it. */
  readonly checks: readonly { readonly name: string; readonly definition: string }[];
  /** A table with the new values (`side`) by the key of the row (`k1`, ...). */
  readonly values: string;
  readonly side: string;
  readonly key: readonly string[];
}

/** The name of a column that takes another one's place, until it does. */
export const newColumn = `${asideColumnPrefix}new`;

/** The indexes of a table over a column. */
export function indexesOver(table: Table, field: string): TableIndex[] {
  return table.allIndexes.filter((index) => index.parts.some((part) => part.field === field));
}

/** Takes away what a replacement that stopped half-way has left. Idempotent. */
export async function dropLeftover(connection: Connection, collection: string): Promise<void> {
  const table = await readTable(connection, collection);
  if (table.allColumns.some((column) => column.name === newColumn)) {
    await alterTable(connection, table.sql, `DROP COLUMN ${quote(newColumn)}`);
  }
}

/**
 * Puts a column in the place of another: it is added behind it, out of sight, and filled; then one statement drops the old one, gives the new one
 * its name, and builds the indexes over it. Whoever looks sees the one or the other. The table must be locked by the caller.
 */
export async function replaceColumn(connection: Connection, table: Table, replacement: Replacement): Promise<void> {
  const { field } = replacement;
  const steps = replaceSteps(table.sql, replacement, { checks: checksOver(table, field), indexes: indexesOver(table, field) });
  await alterTable(connection, table.sql, steps.add);
  try {
    await connection.execute(steps.fill);
  } catch (error) {
    // A value does not fit: the table is left as it was.
    await alterTable(connection, table.sql, `DROP COLUMN ${quote(newColumn)}`);
    throw error;
  }
  await alterTable(connection, table.sql, steps.replace);
}

/** What a replacement comes to: two changes of the table, and between them what fills the new column. `present`: what is over the column. */
export function replaceSteps(
  table: string,
  { field, key, values, side, type, definition, indexes, checks }: Replacement,
  present: { readonly checks: readonly { readonly name: string }[]; readonly indexes: readonly { readonly name: string }[] },
): { readonly add: string; readonly fill: string; readonly replace: string } {
  const same = key.map((name, index) => `${values}.k${index + 1} = ${table}.${quote(name)}`).join(' AND ');
  const changes = [
    ...present.checks.map(({ name }) => `DROP CONSTRAINT ${quote(name)}`),
    ...present.indexes.map(({ name }) => (name === 'PRIMARY' ? 'DROP PRIMARY KEY' : `DROP INDEX ${quote(name)}`)),
    `DROP COLUMN ${quote(field)}`,
    `CHANGE COLUMN ${quote(newColumn)} ${quote(field)} ${definition}`,
    ...indexes.map((index) => `ADD ${index.definition}`),
    ...checks.map((check) => `ADD ${check.definition}`),
  ];
  return {
    add: `ADD COLUMN ${quote(newColumn)} ${type} NULL INVISIBLE AFTER ${quote(field)}`,
    fill: `UPDATE ${table} JOIN ${values} ON ${same} SET ${table}.${quote(newColumn)} = ${values}.${side}`,
    replace: changes.join(', '),
  };
}
