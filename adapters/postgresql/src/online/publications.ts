import type { Queryable } from '../connection.ts';

/** The names, quoted, of the publications that send a table. */
export async function publicationsOf(connection: Queryable, oid: number): Promise<string[]> {
  const rows = await connection.rows<{ name: string }>(
    'SELECT quote_ident(p.pubname) AS name FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid WHERE r.prrelid = $1',
    [oid],
  );
  return rows.map(({ name }) => name);
}
