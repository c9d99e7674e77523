import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Client } from 'pg';
import { escapeIdentifier } from 'pg';
import { from } from 'pg-copy-streams';

/** A value as PostgreSQL's COPY takes it: its text form, or null. Arrays become PostgreSQL arrays of text. */
export type CopyValue = string | number | bigint | boolean | null | Uint8Array | readonly (string | null)[];

const chunkSize = 64 * 1024;

/**
 * Loads rows by `COPY ... FROM STDIN`, as a stream: memory use does not depend on the number of rows, and the rows are
 * only made as fast as the server takes them.
 * @param rows The rows, with the values in the order of `columns`.
 * @returns How many rows were loaded.
 * @throws the server's error when a value does not fit its column; nothing is then loaded.
 */
export async function copyRows(
  client: Client,
  target: { readonly schema: string; readonly table: string; readonly columns: readonly string[] },
  rows: Iterable<readonly CopyValue[]>,
): Promise<number> {
  const table = `${escapeIdentifier(target.schema)}.${escapeIdentifier(target.table)}`;
  const stream = client.query(from(`COPY ${table} (${target.columns.map(escapeIdentifier).join(', ')}) FROM STDIN`));
  await pipeline(Readable.from(chunks(rows), { objectMode: true, highWaterMark: 1 }), stream);
  return stream.rowCount;
}

function* chunks(rows: Iterable<readonly CopyValue[]>): Generator<Buffer> {
  let text = '';
  for (const row of rows) {
    text += `${row.map(copyText).join('\t')}\n`;
    if (text.length >= chunkSize) {
      yield Buffer.from(text, 'utf8');
      text = '';
    }
  }
  if (text !== '') yield Buffer.from(text, 'utf8');
}

/** The text format of COPY: tabs between values, `\N` for null, backslash escapes. */
function copyText(value: CopyValue): string {
  if (value === null) return '\\N';
  if (typeof value === 'boolean') return value ? 't' : 'f';
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (typeof value === 'string') return escaped(value);
  if (value instanceof Uint8Array) return `\\\\x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}`;
  return escaped(arrayText(value));
}

function arrayText(items: readonly (string | null)[]): string {
  return `{${items.map((item) => (item === null ? 'NULL' : `"${item.replace(/["\\]/g, '\\$&')}"`)).join(',')}}`;
}

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

function escaped(text: string): string {
  return /[\\\t\n\r]/.test(text) ? text.replace(/[\\\t\n\r]/g, (character) => escapes[character]!) : text;
}
