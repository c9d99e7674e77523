import { PolyshiftError } from '@polyshift/core';
import { requireColumn, type Table } from '../catalog/table.ts';
import type { Connection } from '../connection.ts';
import { isDataError } from '../errors.ts';
import { quote } from '../identifiers.ts';
import { keyType } from '../row-images/image-table.ts';
import { printedOptions } from '../table-options.ts';
import { type SqlColumn, sameExactly } from '../values/literal.ts';

/** The values of a column before and after a change of its type, by the key of their row, in a table of their own. */
export interface OldValues {
  /** Quoted. */
  readonly sql: string;
  readonly field: string;
  readonly key: readonly string[];
  /** The old type, of values as they were. */
  readonly oldType: string;
  readonly newType: string;
}

/** Creates a table for values before (`b`) and after (`a`) the change, empty. `z` is for a value that is converted back and forth. */
export async function createValues(connection: Connection, table: Table, values: OldValues): Promise<void> {
  const keys = values.key.map((name, index) => `k${index + 1} ${keyType(requireColumn(table, name))} NOT NULL`);
  const parts = [
    ...keys,
    `b ${values.oldType} NULL`,
    `a ${values.newType} NULL`,
    `z ${values.newType} NULL`,
    'fresh boolean NOT NULL DEFAULT 0',
    `PRIMARY KEY (${values.key.map((_, index) => `k${index + 1}`).join(', ')})`,
  ];
  await connection.execute(`DROP TABLE IF EXISTS ${values.sql}`);
  await connection.execute(`CREATE TABLE ${values.sql} (${parts.join(', ')}) ENGINE=InnoDB ${charsetOf(table)}`);
}

/** Creates the table of {@link createValues} as a statement, with the types of the key as the table has them when it runs. */
export function createValuesStatements(table: string, values: OldValues, charset: string): string[] {
  const names = values.key.map((_, index) => `k${index + 1}`);
  const parts = [
    `b ${values.oldType} NULL`,
    `a ${values.newType} NULL`,
    `z ${values.newType} NULL`,
    'fresh boolean NOT NULL DEFAULT 0',
    `PRIMARY KEY (${names.join(', ')})`,
  ];
  const keys = values.key.map((name, index) => `${quote(name)} AS k${index + 1}`).join(', ');
  return [
    `DROP TABLE IF EXISTS ${values.sql}`,
    `CREATE TABLE ${values.sql} (${parts.join(', ')}) ENGINE=InnoDB ${charset} SELECT ${keys} FROM ${table} WHERE FALSE`,
  ];
}

/** The character set of a table as a clause. */
export function charsetOf(table: Pick<Table, 'options'>): string {
  const printed = printedOptions(table.options);
  return ['charset', 'collation'].flatMap((name) => printed.get(name) ?? []).join(' ');
}

/** Keeps the value of every row, and what it will be converted to, by SQL over the row. The tables are locked by the caller. */
export async function keepOldValues(connection: Connection, table: Table, values: OldValues, expression: string): Promise<void> {
  const names = values.key.map((_, index) => `k${index + 1}`).join(', ');
  await connection.execute(
    `INSERT INTO ${values.sql} (${names}, b, a) SELECT ${[...values.key, values.field].map(quote).join(', ')}, ${expression} FROM ${table.sql}`,
  );
}

/**
 * Works out the old value of every row that is there now: the kept one where the value still is what the change made of it, else the value
 * itself, if it converts back exactly: the first statement is for the former, the others for the latter.
 */
export function wayBackStatements(table: string, kept: OldValues, back: OldValues, column: SqlColumn): string[] {
  const now = `${table}.${quote(kept.field)}`;
  const same = kept.key.map((name, index) =>
    // A column of the key itself is found by what it has become.
    name === kept.field ? `${kept.sql}.a = ${now}` : `${kept.sql}.k${index + 1} = ${table}.${quote(name)}`,
  );
  const untouched = [...same, sameExactly(column, `${kept.sql}.a`, now)].join(' AND ');
  const keys = back.key.map((name) => `${table}.${quote(name)}`).join(', ');
  const names = back.key.map((_, index) => `k${index + 1}`).join(', ');
  return [
    `INSERT INTO ${back.sql} (${names}, b, a) SELECT ${keys}, ${kept.sql}.b, ${now} FROM ${table} JOIN ${kept.sql} ON ${untouched}`,
    `INSERT INTO ${back.sql} (${names}, b, a, fresh) SELECT ${keys}, ${now}, ${now}, 1
       FROM ${table} LEFT JOIN ${kept.sql} ON ${untouched} WHERE ${kept.sql}.k1 IS NULL`,
    `UPDATE ${back.sql} SET z = b WHERE fresh = 1`,
  ];
}

/** What counts the values that do not convert back exactly, behind SELECT. */
export function inexactRows(back: OldValues, column: SqlColumn): string {
  return `FROM ${back.sql} WHERE fresh = 1 AND NOT (${sameExactly(column, 'z', 'a')})`;
}

/** Runs {@link wayBackStatements}. Throws WRITTEN_SINCE where a value does not convert back. The tables are locked by the caller. */
export async function reckonWayBack(
  connection: Connection,
  table: Table,
  kept: OldValues,
  back: OldValues,
  column: SqlColumn,
): Promise<void> {
  const [untouched, ...fresh] = wayBackStatements(table.sql, kept, back, column);
  await connection.execute(untouched!);
  try {
    for (const statement of fresh) await connection.execute(statement);
  } catch (error) {
    throw writtenSince(error, kept);
  }
  const inexact = await connection.row<{ count: string }>(`SELECT COUNT(*) AS count ${inexactRows(back, column)}`);
  if (Number(inexact!.count) > 0)
    throw new PolyshiftError(
      'WRITTEN_SINCE',
      `${inexact!.count} values of ${kept.field} were written since and do not convert back exactly to ${kept.oldType}.`,
      { hint: 'Change these values first, then roll back again.' },
    );
}

/** The error of a value that the application has written since and that does not fit the old type; anything else as it is. */
function writtenSince(error: unknown, values: OldValues): unknown {
  if (!(error instanceof PolyshiftError) || !isDataError(error.cause)) return error;
  return new PolyshiftError(
    'WRITTEN_SINCE',
    `${values.field} holds values written since that do not convert back to ${values.oldType}: ${error.message}.`,
    { hint: 'Change these values first, then roll back again.', cause: error },
  );
}
