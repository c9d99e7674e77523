import { type FoundRows, isPolyshiftError } from '@polyshift/core';
import type { Table, TableColumn } from '../catalog/table.ts';
import type { Connection } from '../database.ts';
import { describeKey, findRows } from '../handler/examples.ts';
import type { ResolvedType } from '../handler/type-reference.ts';
import { quote, quoteList } from '../identifiers.ts';

/**
 * How the server gets from one type to the other: by itself (null), by a cast, or through the text form. A value that is too long for the
 * new type is refused only when the server converts by itself or from text; a cast would cut it.
 */
export async function chooseConversion(
  connection: Connection,
  column: TableColumn,
  target: ResolvedType,
): Promise<string | null> {
  const name = quote(column.name);
  const row = await connection.row<{ context: string }>(
    `SELECT castcontext AS context FROM pg_cast WHERE castsource = $1 AND casttarget = $2
     UNION ALL SELECT 'a' WHERE $1::oid = $2::oid`,
    [column.pgType.oid, target.pgType.oid],
  );
  const textual = (kind: string): boolean => kind === 'text' || kind === 'enum';
  if (row && row.context !== 'e') return null;
  // Any type can be assigned to a text.
  if (target.pgType.schema === 'pg_catalog' && textual(target.portable.kind)) return null;
  if (row) return `${name}::${target.native}`;
  return textual(column.type.kind) ? `${name}::${target.native}` : `${name}::text::${target.native}`;
}

/** The statement itself. The default is taken off and set again, because the server may not know how to convert it. */
export async function alterType(
  connection: Connection,
  table: Pick<Table, 'sql'>,
  column: TableColumn,
  native: string,
  using: string | null,
): Promise<void> {
  const name = quote(column.name);
  const change = `ALTER COLUMN ${name} TYPE ${native}${using === null ? '' : ` USING (${using})`}`;
  if (column.default === undefined || column.generated !== undefined) {
    await connection.execute(`ALTER TABLE ${table.sql} ${change}`);
    return;
  }
  await connection.execute(`ALTER TABLE ${table.sql} ALTER COLUMN ${name} DROP DEFAULT`);
  await connection.execute(`ALTER TABLE ${table.sql} ${change}`);
  const plain = `ALTER TABLE ${table.sql} ALTER COLUMN ${name} SET DEFAULT`;
  await firstOf(connection, [
    `${plain} (${column.default})::${native}`,
    `${plain} ((${column.default})::text)::${native}`,
    `${plain} ${column.default}`,
  ]);
}

/** Runs the first statement that the server takes. */
async function firstOf(connection: Connection, statements: readonly string[]): Promise<void> {
  for (const [index, statement] of statements.entries()) {
    await connection.execute('SAVEPOINT polyshift_try');
    try {
      await connection.execute(statement);
      await connection.execute('RELEASE SAVEPOINT polyshift_try');
      return;
    } catch (error) {
      await connection.execute('ROLLBACK TO SAVEPOINT polyshift_try');
      if (index === statements.length - 1) throw error;
    }
  }
}

/** Makes the change in an empty copy of the table: whether default, indexes and constraints go with it. Gives the server's refusal. */
export async function tryOnCopy(
  connection: Connection,
  table: Table,
  column: TableColumn,
  native: string,
  using: string | null,
): Promise<string | undefined> {
  const copy = quote(table.name);
  await connection.execute('SAVEPOINT polyshift_copy');
  try {
    await connection.execute(`CREATE TEMPORARY TABLE ${copy} (LIKE ${table.sql} INCLUDING ALL)`);
    await alterType(connection, { sql: `pg_temp.${copy}` }, column, native, using);
    return undefined;
  } catch (error) {
    if (!isPolyshiftError(error)) throw error;
    return error.message;
  } finally {
    await connection.execute('ROLLBACK TO SAVEPOINT polyshift_copy');
  }
}

/** Values that the conversion refuses: none if one pass over all goes through, else each is tried by itself. */
export async function findUnconvertible(
  connection: Connection,
  table: Table,
  column: TableColumn,
  { native, modifier }: Pick<ResolvedType, 'native' | 'modifier'>,
  using: string | null,
): Promise<FoundRows> {
  const expression = using ?? quote(column.name);
  // A type without a length or precision cuts nothing: a cast refuses what an assignment refuses, for a fraction of the time.
  if (modifier === -1 && (await goesThrough(connection, `SELECT count((${expression})::${native}) FROM ${table.sql}`)))
    return { count: 0, examples: [] };
  const row = `"polyshift_row" ${table.sql}`;
  // plpgsql assigns as INSERT does: a value that is too long is refused, not cut.
  const body = `DECLARE result ${native}; BEGIN SELECT (${expression}) INTO result FROM (SELECT ("polyshift_row").*) AS ${quote(table.name)};`;
  await connection.execute(`CREATE FUNCTION pg_temp.polyshift_convert(${row}) RETURNS ${native} LANGUAGE plpgsql STABLE AS
    ${dollar(`${body} RETURN result; END`)}`);
  if (await goesThrough(connection, `SELECT count(pg_temp.polyshift_convert(r)) FROM ${table.sql} AS r`))
    return { count: 0, examples: [] };
  await connection.execute(`CREATE FUNCTION pg_temp.polyshift_refused(${row}) RETURNS boolean LANGUAGE plpgsql STABLE AS
    ${dollar(`${body} RETURN false; EXCEPTION WHEN others THEN RETURN true; END`)}`);
  return await findRows(connection, table, 'pg_temp.polyshift_refused(r)', { show: [column.name] });
}

/** Whether the server carries a query out; where it does not, the transaction stands as before it. */
async function goesThrough(connection: Connection, query: string): Promise<boolean> {
  await connection.execute('SAVEPOINT polyshift_all');
  try {
    await connection.rows(query);
    await connection.execute('RELEASE SAVEPOINT polyshift_all');
    return true;
  } catch (error) {
    await connection.execute('ROLLBACK TO SAVEPOINT polyshift_all');
    if (!isPolyshiftError(error)) throw error;
    return false;
  }
}

/** Values that do not come back the same when they are converted there and back: rounded or cut. Undefined where there is no way back. */
export async function countChanged(
  connection: Connection,
  table: Table,
  column: TableColumn,
  native: string,
  using: string | null,
): Promise<FoundRows | undefined> {
  const name = quote(column.name);
  const there = `(${using ?? name})::${native}`;
  const shown = [...new Set([...table.rowKey, column.name])];
  await connection.execute('SAVEPOINT polyshift_back');
  try {
    const rows = await connection.texts(
      `SELECT count(*) OVER (), ${quoteList(shown)} FROM ${table.sql}
       WHERE (${there})::${column.native} IS DISTINCT FROM ${name} LIMIT 5`,
    );
    await connection.execute('RELEASE SAVEPOINT polyshift_back');
    return { count: Number(rows[0]?.[0] ?? 0), examples: rows.map((row) => describeKey(shown, row.slice(1))) };
  } catch {
    // There is no cast back, or values it refuses: then there is nothing to compare by.
    await connection.execute('ROLLBACK TO SAVEPOINT polyshift_back');
    return undefined;
  }
}

/** A function body between dollar quotes that it does not contain. */
export function dollar(body: string): string {
  let tag = '$polyshift$';
  for (let number = 1; body.includes(tag); number++) tag = `$polyshift${number}$`;
  return tag + body + tag;
}
