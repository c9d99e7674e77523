import { type Check, fail, PolyshiftError, valuesConverted } from '@polyshift/core';
import type { Table } from '../catalog/table.ts';
import type { Connection, Queryable } from '../connection.ts';
import { quote } from '../identifiers.ts';
import { type SqlColumn, sameExactly } from '../values/literal.ts';
import type { OldValues } from './old-values.ts';

/**
 * Proves, while nobody can write the table, that every value is kept as it is, before the server converts the column: a definition commits by itself,
 * and there is no way back to what was not kept. Throws CHECK_FAILED.
 */
export async function proveKept(connection: Connection, table: Table, values: OldValues, column: SqlColumn): Promise<void> {
  const count = async (from: string): Promise<number> =>
    Number((await connection.row<{ count: string }>(`SELECT COUNT(*) AS count FROM ${from}`))!.count);
  const now = `${table.sql}.${quote(values.field)}`;
  const sameRow = values.key.map((name, index) => `${values.sql}.k${index + 1} = ${table.sql}.${quote(name)}`);
  const same = await count(
    `${table.sql} JOIN ${values.sql} ON ${[...sameRow, sameExactly(column, `${values.sql}.b`, now)].join(' AND ')}`,
  );
  const [rows, kept] = [await count(table.sql), await count(values.sql)];
  if (rows === kept && rows === same) return;
  const check = fail(
    'values_kept',
    `of ${rows} values of ${values.field} ${kept} are kept aside, and ${same} of them as they are`,
    'Nothing was changed. Run again; if it stays so, please report it.',
    { rows, kept, same },
  );
  throw new PolyshiftError('CHECK_FAILED', `before the type of ${values.field} changes: ${check.message}`, {
    hint: check.action,
    data: { checks: [check] },
  });
}

/** Holds every kept value against the live one of its row: it is what the change has made of it, or it was written or deleted since. */
export async function verifyValues(connection: Queryable, table: Table, values: OldValues, column: SqlColumn): Promise<Check[]> {
  const now = `live.${quote(values.field)}`;
  const sameRow = values.key.map((name, index) =>
    // A column of the key itself is found by what it has become.
    name === values.field ? `kept.a = ${now}` : `kept.k${index + 1} = live.${quote(name)}`,
  );
  const there = `live.${quote(values.key[0]!)} IS NOT NULL`;
  const found = await connection.row<{ kept: string; same: string }>(
    `SELECT COUNT(*) AS kept, COALESCE(SUM(CASE WHEN ${there} AND ${sameExactly(column, 'kept.a', now)} THEN 1 ELSE 0 END), 0) AS same
     FROM ${values.sql} AS kept LEFT JOIN ${table.sql} AS live ON ${sameRow.join(' AND ')}`,
  );
  return valuesConverted(values.field, Number(found!.kept), Number(found!.same));
}
