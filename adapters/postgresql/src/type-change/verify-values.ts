import { type Check, valuesConverted } from '@polyshift/core';
import type { Table } from '../catalog/table.ts';
import type { Connection } from '../database.ts';
import { quote } from '../identifiers.ts';
import type { OldValues } from './old-values.ts';

/** Holds every kept value against the live one of its row: it is what the change has made of it, or it was written or deleted since. */
export async function verifyValues(connection: Connection, table: Table, values: OldValues): Promise<Check[]> {
  const now = `live.${quote(values.field)}`;
  const sameRow = values.key.map(({ name }, index) =>
    // Where the column is part of the key, the row is found by what the key has become.
    name === values.field ? `kept.a = ${now}` : `kept.k${index + 1} = live.${quote(name)}`,
  );
  const found = await connection.row<{ kept: string; same: string }>(
    `SELECT count(*) AS kept, count(*) FILTER (WHERE live.tableoid IS NOT NULL AND ${now}::text IS NOT DISTINCT FROM kept.a::text) AS same
     FROM ${values.sql} AS kept LEFT JOIN ${table.sql} AS live ON ${sameRow.join(' AND ')}`,
  );
  return valuesConverted(values.field, Number(found!.kept), Number(found!.same));
}
