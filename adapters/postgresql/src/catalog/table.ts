import type { PortableType } from '@polyshift/core';
import { PolyshiftError } from '@polyshift/core';
import type { Queryable } from '../connection.ts';
import { toPortableType } from '../types.ts';
import { type PgType, readTypes } from './pg-types.ts';
import { nearest, requireTable, type TableName } from './table-name.ts';

/** Columns whose names begin so are kept aside by remove_field; nobody is shown them. */
export const asideColumnPrefix = 'polyshift_aside_';

/** A column as the handlers need it. */
export interface TableColumn {
  readonly number: number;
  readonly name: string;
  readonly pgType: PgType;
  readonly modifier: number;
  /** The type as SQL, qualified: `numeric(12,2)`, `public.mood`. */
  readonly native: string;
  /** As `native`, but the base type of a domain: a copy of a value must not be refused by the domain's own rules. */
  readonly storage: string;
  readonly type: PortableType;
  readonly nullable: boolean;
  readonly default: string | undefined;
  readonly generated: 'identity_always' | 'identity_by_default' | 'stored' | 'virtual' | undefined;
  /** Quoted and qualified; undefined where it is that of the type. */
  readonly collation: string | undefined;
}

/** A table with its columns. */
export interface Table extends TableName {
  readonly columns: readonly TableColumn[];
  /** The primary key's columns, empty where there is none. */
  readonly primaryKey: readonly string[];
  /** Primary key or a unique index over columns that are never null: what identifies a row. */
  readonly rowKey: readonly string[];
  /** From the statistics; undefined where the table was never analysed. */
  readonly approximateCount: number | undefined;
}

interface ColumnRow {
  number: number;
  name: string;
  type_oid: number;
  modifier: number;
  native: string;
  not_null: boolean;
  identity: string;
  generated: string;
  expression: string | null;
  collation: string | null;
}

const columnStatement = `
SELECT a.attnum AS number, a.attname AS name, a.atttypid AS type_oid, a.atttypmod AS modifier,
  format_type(a.atttypid, a.atttypmod) AS native, a.attnotnull AS not_null, a.attidentity AS identity, a.attgenerated AS generated,
  pg_get_expr(d.adbin, d.adrelid) AS expression,
  CASE WHEN a.attcollation <> t.typcollation
    THEN (SELECT quote_ident(n.nspname) || '.' || quote_ident(c.collname) FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace WHERE c.oid = a.attcollation)
  END AS collation
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped AND NOT starts_with(a.attname, '${asideColumnPrefix}')
ORDER BY a.attnum`;

const keyStatement = `
SELECT i.indisprimary AS is_primary, i.indexrelid::regclass::text AS index_name,
  (SELECT json_agg(a.attname ORDER BY k.position) FROM unnest(i.indkey[0:i.indnkeyatts - 1]) WITH ORDINALITY AS k(number, position)
   JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number) AS fields
FROM pg_index i
WHERE i.indrelid = $1 AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL
  AND NOT EXISTS (SELECT FROM unnest(i.indkey[0:i.indnkeyatts - 1]) AS k(number)
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number WHERE NOT a.attnotnull OR starts_with(a.attname, '${asideColumnPrefix}'))
ORDER BY i.indisprimary DESC, i.indnkeyatts, i.indexrelid`;

/** Runs reads with an empty search_path, so that the server prints every name qualified; sets it back afterwards. */
export async function withQualifiedNames<Result>(connection: Queryable, read: () => Promise<Result>): Promise<Result> {
  // The path is read before it is changed: OFFSET keeps the inner query a query of its own.
  const before = await connection.row<{ path: string }>(
    `SELECT path, set_config('search_path', left(path, 0), true)
     FROM (SELECT current_setting('search_path') AS path OFFSET 0) AS now`,
  );
  const result = await read();
  await connection.rows(`SELECT set_config('search_path', $1, true)`, [before!.path]);
  return result;
}

/** Reads a table with its columns. Must run inside a transaction. Throws UNKNOWN_COLLECTION. */
export async function readTable(connection: Queryable, collection: string): Promise<Table> {
  return await readColumns(connection, await requireTable(connection, collection));
}

/** Reads the columns of a table that was found already. Must run inside a transaction. */
export async function readColumns(connection: Queryable, name: TableName): Promise<Table> {
  return await withQualifiedNames(connection, async () => {
    const rows = await connection.rows<ColumnRow>(columnStatement, [name.oid]);
    const types = await readTypes(
      connection,
      rows.map((row) => row.type_oid),
    );
    const keys = await connection.rows<{ is_primary: boolean; fields: string[] }>(keyStatement, [name.oid]);
    const statistics = await connection.row<{ count: number }>(
      'SELECT reltuples::float8::int8::text AS count FROM pg_class WHERE oid = $1',
      [name.oid],
    );
    const count = Number(statistics?.count ?? -1);
    return {
      ...name,
      columns: rows.map((row) => toColumn(row, types.get(row.type_oid)!)),
      primaryKey: keys[0]?.is_primary ? keys[0].fields : [],
      rowKey: keys[0]?.fields ?? [],
      approximateCount: count < 0 ? undefined : count,
    };
  });
}

/** A column by name. Throws UNKNOWN_FIELD with the nearest name. */
export function requireColumn(table: Pick<Table, 'name' | 'columns'>, field: string): TableColumn {
  const column = table.columns.find((each) => each.name === field);
  if (column) return column;
  const near = nearest(
    field,
    table.columns.map((each) => each.name),
  );
  throw new PolyshiftError('UNKNOWN_FIELD', `The table ${table.name} has no column ${field}.`, {
    hint: near === undefined ? `It has ${table.columns.map((each) => each.name).join(', ')}.` : `Did you mean ${near}?`,
    data: { collection: table.name, field },
  });
}

function toColumn(row: ColumnRow, pgType: PgType): TableColumn {
  const generated =
    ({ a: 'identity_always', d: 'identity_by_default' } as const)[row.identity as 'a'] ??
    ({ s: 'stored', v: 'virtual' } as const)[row.generated as 's'];
  return {
    number: row.number,
    name: row.name,
    pgType,
    modifier: row.modifier,
    native: row.native,
    storage: pgType.storage ?? row.native,
    type: toPortableType(pgType, row.modifier),
    nullable: !row.not_null,
    default: row.expression ?? undefined,
    generated,
    collation: row.collation ?? undefined,
  };
}
