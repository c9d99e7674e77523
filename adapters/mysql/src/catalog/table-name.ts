import { nearest, PolyshiftError } from '@polyshift/core';
import type { Queryable } from '../connection.ts';
import { checkCharacters, checkName, literal, ownPrefix, quoteQualified } from '../identifiers.ts';

/** A table or view that exists. */
export interface TableName {
  readonly schema: string;
  readonly name: string;
  readonly kind: 'table' | 'view';
  /** Qualified and quoted. */
  readonly sql: string;
  /** From the statistics; undefined where there are none. */
  readonly approximateCount: number | undefined;
  /** `InnoDB`; undefined for a view. */
  readonly engine: string | undefined;
}

interface NameRow {
  schema: string;
  name: string;
  type: string;
  count: string | null;
  engine: string | null;
}

const select =
  'SELECT table_schema AS `schema`, table_name AS name, table_type AS type, table_rows AS count, engine AS engine FROM information_schema.tables';

/**
 * Finds what the `collection` of an operation names: first a table of exactly this name in the database of the URL, else, at each dot, a
 * database before it and a table after it.
 */
export async function findTable(connection: Queryable, collection: string): Promise<TableName | undefined> {
  const own = await tableIn(connection, undefined, collection);
  if (own) return own;
  for (const { schema, name } of splits(collection)) {
    const found = await tableIn(connection, schema, name);
    if (found) return found;
  }
  return undefined;
}

/** The table of this name in a database, that of the connection where none is named. */
export async function tableIn(connection: Queryable, schema: string | undefined, name: string): Promise<TableName | undefined> {
  const where = schema === undefined ? 'DATABASE()' : literal(schema);
  const rows = await connection.rows<NameRow>(`${select} WHERE table_schema = ${where} AND table_name = ${literal(name)}`);
  // The catalog compares without case; where names differ by case alone, only the one that was written is meant.
  const row = rows.find((each) => each.name === name) ?? (await onlyCaseless(connection, rows));
  return row && toName(row);
}

/** As {@link findTable}; throws UNKNOWN_COLLECTION with the nearest existing name. */
export async function requireTable(connection: Queryable, collection: string): Promise<TableName> {
  const table = await findTable(connection, collection);
  if (table) return table;
  const near = nearest(
    collection,
    (await allTables(connection)).map((each) => each.name),
  );
  throw new PolyshiftError('UNKNOWN_COLLECTION', `There is no table ${collection}.`, {
    hint: near === undefined ? 'Create it first by create_collection, or correct the name.' : `Did you mean ${near}?`,
    data: { collection },
  });
}

/** The tables and views of the database of the URL, without polyshift's own. */
export async function allTables(connection: Queryable): Promise<TableName[]> {
  const rows = await connection.rows<NameRow>(
    `${select} WHERE table_schema = DATABASE() AND table_type <> 'SEQUENCE' ORDER BY table_name`,
  );
  return rows.filter((row) => !row.name.startsWith(ownPrefix)).map(toName);
}

/** Where a new table of this name goes: into the database before the first dot that is one, else into that of the URL. */
export async function newTableName(
  connection: Queryable,
  collection: string,
): Promise<{ schema: string; name: string; sql: string }> {
  checkCharacters(collection);
  for (const { schema, name } of splits(collection)) {
    if (await connection.row(`SELECT 1 FROM information_schema.schemata WHERE schema_name = ${literal(schema)}`)) {
      return { schema, name: checkName(name), sql: quoteQualified(schema, name) };
    }
  }
  const row = await connection.row<{ schema: string }>('SELECT DATABASE() AS `schema`');
  return { schema: row!.schema, name: checkName(collection), sql: quoteQualified(row!.schema, collection) };
}

async function onlyCaseless(connection: Queryable, rows: readonly NameRow[]): Promise<NameRow | undefined> {
  if (rows.length !== 1) return undefined;
  const row = await connection.row<{ caseless: string | number }>('SELECT @@lower_case_table_names <> 0 AS caseless');
  return Number(row?.caseless) === 1 ? rows[0] : undefined;
}

function splits(collection: string): { schema: string; name: string }[] {
  const result: { schema: string; name: string }[] = [];
  for (let dot = collection.indexOf('.'); dot >= 0; dot = collection.indexOf('.', dot + 1)) {
    const [schema, name] = [collection.slice(0, dot), collection.slice(dot + 1)];
    if (schema !== '' && name !== '') result.push({ schema, name });
  }
  return result;
}

function toName({ schema, name, type, count, engine }: NameRow): TableName {
  return {
    schema,
    name,
    kind: /VIEW/i.test(type) ? 'view' : 'table',
    sql: quoteQualified(schema, name),
    approximateCount: count === null ? undefined : Number(count),
    engine: engine ?? undefined,
  };
}
