import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import type { CorpusColumn } from './corpus-column.ts';
import { corpusColumns } from './corpus-columns.ts';
import { corpusTypes } from './corpus-structures.ts';

/**
 * The SQL that makes and fills `typed_corpus`, replacing an earlier one: a column for each type, the n-th row with the n-th
 * value of each column (null where a column has no more), a last row that is null everywhere but in `id`.
 * @param schema The schema; created when missing.
 * @param version Major version of the server; columns that came later are left out.
 * @returns Statements in one text, for a single call of `client.query`, which runs them as one transaction.
 */
export function typedCorpusSql(schema: string, version: number): string {
  const columns = (Object.entries(corpusColumns) as [string, CorpusColumn][]).filter(([, { since = 0 }]) => version >= since);
  const names = columns.map(([name]) => name).join(', ');
  const rows = Math.max(...columns.map(([, { values }]) => values.length)) + 1;
  const inserts = Array.from({ length: rows }, (_, row) => {
    const literals = columns.map(([, { values }]) => (values[row] === undefined ? 'NULL' : escapeLiteral(values[row])));
    return `INSERT INTO typed_corpus (id, ${names}) VALUES (${[row + 1, ...literals].join(', ')})`;
  });
  return [
    `CREATE SCHEMA IF NOT EXISTS ${escapeIdentifier(schema)}`,
    `SET LOCAL search_path TO ${escapeIdentifier(schema)}`,
    // Inputs such as money and dates would mean something else under other settings.
    "SET LOCAL lc_monetary TO 'C'",
    "SET LOCAL timezone TO 'UTC'",
    "SET LOCAL datestyle TO 'ISO, YMD'",
    'DROP TABLE IF EXISTS typed_corpus',
    ...Object.keys(corpusTypes)
      .reverse()
      .map((type) => `DROP TYPE IF EXISTS ${type}`),
    ...Object.values(corpusTypes),
    `CREATE TABLE typed_corpus (id int PRIMARY KEY, ${columns.map(([name, { type }]) => `${name} ${type}`).join(', ')})`,
    ...inserts,
  ].join(';\n');
}

/**
 * Makes and fills the table `typed_corpus`; see {@link typedCorpusSql}.
 * @param url Connection URL of a PostgreSQL database.
 * @param schema The schema; created when missing. Default `public`.
 * @returns How many rows the table has.
 * @throws the driver's error when the server does not answer or the user may not create types and tables.
 */
export async function loadTypedCorpus(url: string, schema = 'public'): Promise<number> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const setting = await client.query<{ server_version_num: string }>('SHOW server_version_num');
    await client.query(typedCorpusSql(schema, Math.floor(Number(setting.rows[0]?.server_version_num) / 10_000)));
    const count = await client.query<{ count: string }>(`SELECT count(*) FROM ${escapeIdentifier(schema)}.typed_corpus`);
    return Number(count.rows[0]?.count);
  } finally {
    await client.end();
  }
}
