import { type JsonValue, PolyshiftError } from '@polyshift/core';
import { splitScript } from './cql/script.ts';
import type { Store } from './store.ts';

/**
 * The first value of the first row that a SELECT gives; null where there is none. Names of tables without a keyspace are of that of the URL. Throws
 * INVALID_DOCUMENT for any other statement: in CQL a SELECT alone only reads, and it never writes.
 */
export async function checkQuery(store: Store, text: string): Promise<JsonValue> {
  const statements = splitScript(text);
  const [statement] = statements;
  if (!statement || statements.length > 1) throw refused(`there are ${statements.length} statements`);
  const [word = ''] = /^\w+/.exec(statement.text) ?? [];
  if (word.toUpperCase() !== 'SELECT') throw refused(`${word || statement.text[0]} does not only read`);
  const { client, levels } = store;
  let pageState: string | undefined;
  do {
    const result = await client.execute(statement.text, [], {
      prepare: false,
      isIdempotent: true,
      consistency: levels.data,
      fetchSize: 1,
      ...(pageState === undefined ? {} : { pageState }),
    });
    const row = result.rows[0];
    if (row) return jsonOfDriver(row.get(0));
    // A page may be empty where a filter has found nothing yet.
    pageState = (result.pageState as string | null) ?? undefined;
  } while (pageState !== undefined);
  return null;
}

/** A value of the driver as JSON: numbers that JSON holds exactly as numbers, bytes in hexadecimal digits, all other scalars as texts. */
function jsonOfDriver(value: unknown): JsonValue {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (Buffer.isBuffer(value)) return value.toString('hex');
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, inner]) => [String(jsonOfDriver(key)), jsonOfDriver(inner)]));
  if (Array.isArray(value)) return value.map(jsonOfDriver);
  const entries = Object.getPrototypeOf(value) === Object.prototype ? Object.entries(value) : undefined;
  return entries ? Object.fromEntries(entries.map(([name, inner]) => [name, jsonOfDriver(inner)])) : String(value);
}

function refused(why: string): PolyshiftError {
  return new PolyshiftError('INVALID_DOCUMENT', `the query of a check on Cassandra: ${why}`, {
    hint: 'Write one SELECT: SELECT count(*) FROM users WHERE ...',
  });
}
