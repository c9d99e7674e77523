import type { Queryable } from '../connection.ts';

/** A type of the server. */
export interface PgType {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** As format_type prints it with an empty search_path: qualified unless it is built in. */
  readonly native: string;
  readonly form: 'base' | 'enum' | 'domain' | 'array' | 'range' | 'other';
  /** Element of an array, base of a domain, subtype of a range. */
  readonly of: PgType | undefined;
  /** For a domain: the modifier of its base type. */
  readonly modifier: number;
  /** For a domain: its innermost base type as SQL, with the modifier. */
  readonly storage: string | undefined;
  /** Between the elements of an array of this type: a comma, but for box a semicolon. */
  readonly delimiter: string;
  /** Labels of an enum in their order. */
  readonly labels: readonly string[];
}

interface TypeRow {
  oid: number;
  schema: string;
  name: string;
  native: string;
  typtype: string;
  element: number;
  is_array: boolean | null;
  delimiter: string;
  base: number;
  modifier: number;
  base_native: string | null;
  subtype: number | null;
  labels: string[] | null;
}

const statement = `
WITH RECURSIVE needed(oid) AS (
  SELECT unnest($1::oid[])
  UNION
  SELECT part.oid FROM needed n JOIN pg_type t ON t.oid = n.oid LEFT JOIN pg_range r ON r.rngtypid = t.oid
  CROSS JOIN LATERAL (VALUES (t.typelem), (t.typbasetype), (r.rngsubtype)) AS part(oid) WHERE part.oid <> 0
)
SELECT t.oid, s.nspname AS schema, t.typname AS name, format_type(t.oid, NULL) AS native, t.typtype, t.typelem AS element,
  (SELECT e.typarray = t.oid FROM pg_type e WHERE e.oid = t.typelem) AS is_array, t.typdelim AS delimiter,
  t.typbasetype AS base, t.typtypmod AS modifier,
  CASE WHEN t.typbasetype <> 0 THEN format_type(t.typbasetype, t.typtypmod) END AS base_native, r.rngsubtype AS subtype,
  (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid) AS labels
FROM needed n JOIN pg_type t ON t.oid = n.oid JOIN pg_namespace s ON s.oid = t.typnamespace LEFT JOIN pg_range r ON r.rngtypid = t.oid`;

/** Reads types with all that they are made of, by oid. The connection's search_path must be empty. */
export async function readTypes(connection: Queryable, oids: readonly number[]): Promise<Map<number, PgType>> {
  const rows = await connection.rows<TypeRow>(statement, [[...new Set(oids)]]);
  const byOid = new Map(rows.map((row) => [row.oid, row]));
  const types = new Map<number, PgType>();
  const build = (oid: number): PgType => {
    const known = types.get(oid);
    if (known) return known;
    const row = byOid.get(oid)!;
    const part = partOf(row);
    const of = part === undefined ? undefined : build(part.oid);
    const type: PgType = {
      oid,
      schema: row.schema,
      name: row.name,
      native: row.native,
      form: part?.form ?? (row.typtype === 'e' ? 'enum' : row.typtype === 'b' ? 'base' : 'other'),
      of,
      modifier: row.modifier,
      storage: row.typtype === 'd' ? (of?.storage ?? row.base_native ?? undefined) : undefined,
      delimiter: row.delimiter,
      labels: row.labels ?? [],
    };
    types.set(oid, type);
    return type;
  };
  for (const oid of oids) build(oid);
  return types;
}

function partOf(row: TypeRow): { form: 'domain' | 'range' | 'array'; oid: number } | undefined {
  if (row.typtype === 'd') return { form: 'domain', oid: row.base };
  if (row.typtype === 'r' && row.subtype !== null) return { form: 'range', oid: row.subtype };
  // int2vector and the like have elements too, but are no arrays in their text form.
  if (row.is_array) return { form: 'array', oid: row.element };
  return undefined;
}
