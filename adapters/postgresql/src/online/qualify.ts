import { randomBytes } from 'node:crypto';
import { withQualifiedNames } from '../catalog/table.ts';
import type { Queryable } from '../connection.ts';
import { quote } from '../identifiers.ts';

/**
 * A query as the server reads it now, with every name in it qualified, so that it means the same under any search_path. `base` stands in it for a
 * table with the columns of another one, and in the result too. Leaves nothing behind. Throws what the server says of the query.
 */
export async function qualify(
  connection: Queryable,
  query: (base: string) => string,
  like: string,
  schema: string,
  base: string,
): Promise<string> {
  const token = `polyshift_base_${randomBytes(8).toString('hex')}`;
  const view = `polyshift_view_${randomBytes(8).toString('hex')}`;
  await connection.execute('SAVEPOINT polyshift_qualify');
  await connection.execute(`CREATE TABLE ${quote(schema)}.${token} (LIKE ${like})`);
  await connection.execute(`CREATE VIEW ${quote(schema)}.${view} AS ${query(`${quote(schema)}.${token}`)}`);
  const text = await withQualifiedNames(connection, async () => {
    const row = await connection.row<{ text: string; place: string }>(
      `SELECT pg_get_viewdef(c.oid) AS text, quote_ident(n.nspname) AS place FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relname = $1 AND n.nspname = $2`,
      [view, schema],
    );
    return row!.text.replace(/;\s*$/, '').replaceAll(`${row!.place}.${token}`, base);
  });
  await connection.execute('ROLLBACK TO SAVEPOINT polyshift_qualify');
  return text;
}
