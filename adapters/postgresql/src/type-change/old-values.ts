import { PolyshiftError } from '@polyshift/core';
import { requireColumn, type Table } from '../catalog/table.ts';
import type { Connection } from '../database.ts';
import { sqlState } from '../errors.ts';
import { quote } from '../identifiers.ts';
import { dollar } from './convert.ts';

/** The values of a column before and after a change of its type, by the key of their row. */
export interface OldValues {
  /** The table that keeps them, qualified and quoted. */
  readonly sql: string;
  readonly field: string;
  /** The columns of the row's key with their types, before the change. */
  readonly key: readonly { readonly name: string; readonly native: string }[];
  readonly oldNative: string;
  readonly newNative: string;
}

/** Keeps the value of every row, and what it will be converted to. The table is locked: nobody writes in between. */
export async function keepOldValues(connection: Connection, table: Table, values: OldValues, expression: string): Promise<void> {
  const { field } = values;
  const key = values.key.map(({ name }) => name);
  const keys = key.map((name, index) => `k${index + 1} ${requireColumn(table, name).storage} NOT NULL`);
  const names = key.map((_, index) => `k${index + 1}`);
  const storage = requireColumn(table, field).storage;
  await connection.execute(
    `CREATE TABLE ${values.sql} (${[...keys, `b ${storage}`, `a ${values.newNative}`].join(', ')}, PRIMARY KEY (${names.join(', ')}))`,
  );
  await connection.execute(
    `INSERT INTO ${values.sql} (${names.join(', ')}, b, a) SELECT ${key.map(quote).join(', ')}, ${quote(field)}, (${expression}) FROM ${table.sql}`,
  );
  // Where the column is part of the key, the row is found by what the key has become.
  if (key.includes(field)) await connection.execute(`CREATE INDEX ON ${values.sql} (a)`);
}

/**
 * The function that gives the old value of a row: the kept one where the value still is what the change made of it, else the
 * value itself, if it converts back exactly. An expression of ALTER TABLE may hold no subquery, but it may call a function.
 */
export function wayBackFunction(values: OldValues): { readonly create: string; readonly call: string; readonly drop: string } {
  const { key, field } = values;
  const parameters = key.map(({ name, native }, index) => `k${index + 1} ${name === field ? values.newNative : native}`);
  const found = key.map(({ name }, index) =>
    name === field ? 'kept.a = now' : `kept.k${index + 1} = polyshift_way_back.k${index + 1}`,
  );
  const body = `
    DECLARE old record; result ${values.oldNative}; again ${values.newNative};
    BEGIN
      SELECT kept.b AS b INTO old FROM ${values.sql} AS kept
        WHERE ${found.join(' AND ')} AND kept.a::text IS NOT DISTINCT FROM now::text;
      IF FOUND THEN RETURN old.b; END IF;
      result := now;
      again := result;
      IF again::text IS DISTINCT FROM now::text THEN
        RAISE EXCEPTION 'the value % does not convert back exactly', now USING ERRCODE = 'data_exception';
      END IF;
      RETURN result;
    END`;
  return {
    create: `CREATE FUNCTION pg_temp.polyshift_way_back(${[...parameters, `now ${values.newNative}`].join(', ')})
     RETURNS ${values.oldNative} LANGUAGE plpgsql STABLE AS ${dollar(body)}`,
    call: `pg_temp.polyshift_way_back(${[...key.map(({ name }) => name), field].map(quote).join(', ')})`,
    drop: 'DROP FUNCTION pg_temp.polyshift_way_back',
  };
}

/** The error of a value that the application has written since and that does not fit the old type; anything else as it is. */
export function writtenSince(error: unknown, values: OldValues): unknown {
  if (!sqlState(error)?.startsWith('22')) return error;
  return new PolyshiftError(
    'WRITTEN_SINCE',
    `${values.field} holds values written since that do not convert back to ${values.oldNative}: ${error instanceof Error ? error.message : String(error)}.`,
    { hint: 'Change these values first, then roll back again.', cause: error },
  );
}
