import type { PortableType, TypeReference } from '@polyshift/core';
import { PolyshiftError, portableTypeOf } from '@polyshift/core';
import type { Connection } from '../connection.ts';
import { tokenize } from '../sql-tokens.ts';
import { nativeOfReference, toPortableType } from '../types.ts';

/** A type that the server knows. */
export interface ResolvedType {
  /** As it is written. */
  readonly sql: string;
  /** As the server prints it. */
  readonly native: string;
  readonly type: PortableType;
}

const words = /^(unsigned|signed|zerofill|binary|precision|varying|national|ascii|unicode|character|set|charset|collate|srid)$/i;
const named = /^(set|charset|collate|srid)$/i;

/** The type as SQL, if it is a type and nothing else: a word, what stands in parentheses, and words that belong to types. Throws INVALID_DOCUMENT. */
export function typeSql(reference: TypeReference): string {
  const native = nativeOfReference(reference).trim();
  const tokens = tokenize(native).filter((token) => token.kind !== 'space');
  let depth = 0;
  const fits = tokens.every((token, index) => {
    if (token.text === '(') depth++;
    if (token.text === ')') depth--;
    if (index === 0) return token.kind === 'word';
    if (depth > 0) return token.kind === 'string' || /^[\d(,.]+$/.test(token.text);
    if (token.text === ')') return true;
    return token.kind === 'word' && (words.test(token.text) || named.test(tokens[index - 1]!.text));
  });
  if (fits && depth === 0 && tokens.length > 0 && !/^serial$/i.test(native)) return native;
  throw new PolyshiftError('INVALID_DOCUMENT', `${JSON.stringify(native)} is not a type of MySQL.`, {
    hint: 'Write a portable type (int64, text, ...) or a native one (varchar(40), decimal(12,2), datetime(6)).',
  });
}

/** Asks the server for a type: what it is called in full, and what its values are. Throws INVALID_DOCUMENT. */
export async function resolveType(connection: Connection, reference: TypeReference): Promise<ResolvedType> {
  const sql = typeSql(reference);
  try {
    await connection.execute(`CREATE TEMPORARY TABLE polyshift_type (value ${sql} NULL)`);
  } catch (error) {
    throw new PolyshiftError(
      'INVALID_DOCUMENT',
      `The server has no type ${sql}: ${error instanceof Error ? error.message : String(error)}.`,
      { cause: error },
    );
  }
  try {
    const [row] = await connection.values('SHOW COLUMNS FROM polyshift_type');
    const native = String(row![1]);
    const json = /^json$/i.test(sql) || portableTypeOf(reference)?.kind === 'json';
    return { sql, native, type: json ? { kind: 'json' } : toPortableType(native) };
  } finally {
    await connection.execute('DROP TEMPORARY TABLE polyshift_type');
  }
}
