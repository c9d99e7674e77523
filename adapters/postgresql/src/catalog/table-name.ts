import { PolyshiftError } from '@polyshift/core';
import type { Queryable } from '../connection.ts';
import { cutIdentifier, quoteQualified } from '../identifiers.ts';

/** A table, view or partitioned table that exists. */
export interface TableName {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** pg_class.relkind: r table, p partitioned, v view, m materialized view, f foreign table. */
  readonly kind: string;
  /** Qualified and quoted. */
  readonly sql: string;
}

interface NameRow {
  oid: number;
  schema: string;
  name: string;
  kind: string;
}

const found = `SELECT c.oid, n.nspname AS schema, c.relname AS name, c.relkind AS kind
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')`;

/**
 * Finds what the `collection` of an operation names: first a table of exactly this name on the search_path, else, at each dot, a schema
 * before it and a table after it.
 */
export async function findTable(connection: Queryable, collection: string): Promise<TableName | undefined> {
  const visible = await connection.row<NameRow>(`${found} AND c.relname = $1 AND pg_table_is_visible(c.oid)`, [collection]);
  if (visible) return named(visible);
  for (const { schema, name } of splits(collection)) {
    const row = await connection.row<NameRow>(`${found} AND n.nspname = $1 AND c.relname = $2`, [schema, name]);
    if (row) return named(row);
  }
  return undefined;
}

/** As {@link findTable}; throws UNKNOWN_COLLECTION with the nearest existing name. */
export async function requireTable(connection: Queryable, collection: string): Promise<TableName> {
  const table = await findTable(connection, collection);
  if (table) return table;
  const names = await connection.rows<{ name: string }>(
    `SELECT CASE WHEN pg_table_is_visible(c.oid) THEN c.relname ELSE n.nspname || '.' || c.relname END AS name
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^(pg_|information_schema$|polyshift)' LIMIT 5000`,
  );
  const near = nearest(
    collection,
    names.map((row) => row.name),
  );
  throw new PolyshiftError('UNKNOWN_COLLECTION', `There is no table ${collection}.`, {
    hint: near === undefined ? 'Create it first by create_collection, or correct the name.' : `Did you mean ${near}?`,
    data: { collection },
  });
}

/** The table with this oid, wherever it has been moved or renamed to. */
export async function tableByOid(connection: Queryable, oid: number): Promise<TableName | undefined> {
  const row = await connection.row<NameRow>(`${found} AND c.oid = $1`, [oid]);
  return row && named(row);
}

/** Where a new table of this name goes: into the schema before the first dot that is one, else into the first of the search_path. */
export async function newTableName(
  connection: Queryable,
  collection: string,
): Promise<{ schema: string; name: string; sql: string }> {
  for (const { schema, name } of splits(collection)) {
    if (await connection.row('SELECT 1 FROM pg_namespace WHERE nspname = $1', [schema])) return checked(schema, name);
  }
  const row = await connection.row<{ schema: string | null }>('SELECT current_schema() AS schema');
  if (!row?.schema) {
    throw new PolyshiftError(
      'INVALID_DOCUMENT',
      `There is no schema for the new table ${collection}: the search_path is empty.`,
      {
        hint: 'Write it as schema.table.',
      },
    );
  }
  return checked(row.schema, collection);
}

/** Throws INVALID_DOCUMENT for a name that the server would cut in silence. */
export function checkLength(name: string): string {
  if (cutIdentifier(name) === name) return name;
  throw new PolyshiftError('INVALID_DOCUMENT', `The name ${name} is longer than the 63 bytes that PostgreSQL keeps.`, {
    hint: `Choose a shorter one; PostgreSQL would cut it to ${cutIdentifier(name)}.`,
  });
}

/** The name out of a list that is spelled most like another one, if any is near. */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) >= least) continue;
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i++) {
    const next = [i];
    for (let j = 1; j <= right.length; j++) {
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (left[i - 1] === right[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[right.length]!;
}

function splits(collection: string): { schema: string; name: string }[] {
  const result: { schema: string; name: string }[] = [];
  for (let dot = collection.indexOf('.'); dot >= 0; dot = collection.indexOf('.', dot + 1)) {
    const [schema, name] = [collection.slice(0, dot), collection.slice(dot + 1)];
    if (schema !== '' && name !== '') result.push({ schema, name });
  }
  return result;
}

function checked(schema: string, name: string): { schema: string; name: string; sql: string } {
  checkLength(name);
  return { schema, name, sql: quoteQualified(schema, name) };
}

function named(row: NameRow): TableName {
  return { ...row, sql: quoteQualified(row.schema, row.name) };
}

/** The table of exactly this schema and name. */
export async function tableIn(connection: Queryable, schema: string, name: string): Promise<TableName | undefined> {
  const row = await connection.row<NameRow>(`${found} AND n.nspname = $1 AND c.relname = $2`, [schema, name]);
  return row && named(row);
}
