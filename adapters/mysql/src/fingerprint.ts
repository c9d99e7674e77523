import { createHash } from 'node:crypto';
import type { CollectionSchema, Fingerprint } from '@polyshift/core';
import { describeTable } from './catalog/describe.ts';
import { readDefinition, type TableColumn } from './catalog/table.ts';
import { findTable } from './catalog/table-name.ts';
import { bytes } from './comparable.ts';
import type { Queryable } from './connection.ts';
import type { Database } from './database.ts';
import { quote } from './identifiers.ts';
import { isGeometry } from './values/encode-text.ts';

/** Proof of what a table is; see core. Reads the whole table, in one consistent view. */
export async function fingerprint(database: Database, collection: string): Promise<Fingerprint> {
  return await database.transaction(
    async (connection) => {
      const name = await findTable(connection, collection);
      if (!name) return { schema: 'absent', content: '', count: 0 };
      const schema = await describeTable(connection, name);
      const { columns } = await readDefinition(connection, name);
      return { schema: schemaHash(schema), ...(await contentHash(connection, name.sql, columns)) };
    },
    { snapshot: true },
  );
}

/**
 * Hashes the rows without regard to their order, on the server: each row's text, in which null differs from every value, by SHA-256, of which
 * two parts are summed as numbers of any size. Long values are hashed by themselves, so that no text grows beyond what the server takes.
 */
export async function contentHash(
  connection: Queryable,
  table: string,
  columns: readonly TableColumn[],
): Promise<{ content: string; count: number }> {
  const sums = await connection.row<{ count: string; first: string; second: string }>(sumsStatement(table, rowText(columns)));
  const { count, first, second } = sums!;
  return { content: sha256(`${count}:${first}:${second}`), count: Number(count) };
}

/** The text of a row that {@link contentHash} hashes, as SQL. */
export function rowText(columns: readonly TableColumn[]): string {
  return columns.length === 0 ? "''" : `CONCAT_WS('|', ${columns.map(columnText).join(', ')})`;
}

/** The statement that gives the count and the two sums that {@link contentHash} is made of. */
export function sumsStatement(table: string, row: string): string {
  const part = (from: number): string =>
    `CAST(COALESCE(SUM(CAST(CONV(SUBSTRING(h.hash, ${from}, 15), 16, 10) AS UNSIGNED)), 0) AS CHAR)`;
  return `SELECT COUNT(*) AS count, ${part(1)} AS first, ${part(16)} AS second FROM (SELECT SHA2(${row}, 256) AS hash FROM ${table}) AS h`;
}

function columnText(column: TableColumn): string {
  const name = quote(column.name);
  const text = (): string => {
    switch (column.type.kind) {
      case 'text':
      case 'enum':
        return `SHA2(${bytes(name)}, 256)`;
      case 'bytes':
        return `SHA2(${name}, 256)`;
      case 'json':
        return `SHA2(CAST(CAST(${name} AS CHAR) AS BINARY), 256)`;
      case 'float32':
        return `CAST(${name} * 1e0 AS CHAR)`;
      case 'bits':
        return `BIN(${name} + 0)`;
      default:
        return isGeometry(column.native) ? `SHA2(HEX(${name}), 256)` : `CAST(${name} AS CHAR)`;
    }
  };
  return `COALESCE(${text()}, '-')`;
}

/** The hash of a canonical schema; statistics are no part of it. */
export function schemaHash(schema: CollectionSchema): string {
  const { approximate_count: _, ...canonical } = schema;
  return sha256(JSON.stringify(canonical));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
