import { type JsonValue, PolyshiftError } from '@polyshift/core';
import type { Database } from './database.ts';

/** How a statement begins that gives rows; comments that the server would run are none. */
const reading = /^(?:\s|\(|--\s[^\n]*(?:\n|$)|#[^\n]*(?:\n|$)|\/\*(?!M?!)[\s\S]*?\*\/)*(?:select|with|values|table|show)\b/i;

/**
 * The first value of the first row that a query gives; null where there is none. Throws INVALID_DOCUMENT for statements of another kind: a transaction that
 * only reads is ended by those that change tables before they are run. What is left of writes is refused by the server.
 */
export async function checkQuery(database: Database, text: string): Promise<JsonValue> {
  if (!reading.test(text)) throw refused('it is no SELECT');
  if (/\binto\s+(?:outfile|dumpfile)\b/i.test(text)) throw refused('it writes a file');
  return await database.transaction(
    async (connection) => {
      const [row] = await connection.values(text);
      const value = row?.[0] ?? null;
      return Buffer.isBuffer(value) ? value.toString('hex') : value;
    },
    { read_only: true },
  );
}

function refused(why: string): PolyshiftError {
  return new PolyshiftError('INVALID_DOCUMENT', `the query of a check must only read: ${why}`, {
    hint: 'Write one SELECT that gives one value.',
  });
}
