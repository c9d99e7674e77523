import type { Table } from '../catalog/table.ts';
import type { Queryable } from '../connection.ts';

/** The operators by which values of types outside the system are equal, by type: under an empty search_path nobody finds them by their name alone. */
export async function equalOperators(connection: Queryable, tables: readonly Table[]): Promise<Map<number, string>> {
  const types = tables
    .flatMap(({ columns }) => columns.map(({ pgType }) => pgType))
    .filter(({ schema }) => schema !== 'pg_catalog');
  const rows = await connection.rows<{ type: number; operator: string }>(
    `SELECT c.opcintype AS type, format('OPERATOR(%I.%s)', n.nspname, o.oprname) AS operator
     FROM pg_opclass c JOIN pg_am m ON m.oid = c.opcmethod AND m.amname = 'btree'
     JOIN pg_amop a ON a.amopfamily = c.opcfamily AND a.amoplefttype = c.opcintype AND a.amoprighttype = c.opcintype AND a.amopstrategy = 3
     JOIN pg_operator o ON o.oid = a.amopopr JOIN pg_namespace n ON n.oid = o.oprnamespace
     WHERE c.opcdefault AND c.opcintype = ANY($1::oid[])`,
    [types.map(({ oid }) => oid)],
  );
  return new Map(rows.map(({ type, operator }) => [type, operator]));
}
