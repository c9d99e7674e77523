import type { Queryable } from '../connection.ts';
import { quote } from '../identifiers.ts';

const shown = 5;

/** The first values of a foreign key, for people, whose row is missing where it points to; tables are SQL. */
export async function findOrphans(
  connection: Queryable,
  child: { table: string; fields: readonly string[] },
  parent: { table: string; columns: readonly string[] },
): Promise<string[]> {
  const fields = child.fields.map((field) => `c.${quote(field)}`);
  const on = fields.map((field, index) => `p.${quote(parent.columns[index]!)} = ${field}`).join(' AND ');
  const given = fields.map((field) => `${field} IS NOT NULL`).join(' AND ');
  const rows = await connection.values(
    `SELECT DISTINCT ${fields.join(', ')} FROM ${child.table} AS c LEFT JOIN ${parent.table} AS p ON ${on}
     WHERE ${given} AND p.${quote(parent.columns[0]!)} IS NULL LIMIT ${shown}`,
  );
  return rows.map((row) => child.fields.map((field, index) => `${field}=${String(row[index])}`).join(', '));
}
