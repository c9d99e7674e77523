import type { RawRow } from '@polyshift/adapter-kit';

/** The field of a raw row that holds what the row's key has behind the name of the collection. */
export const idField = '\0id';

/** The one other field of a raw row that is a string: its JSON text. A raw row without it is a hash. */
export const jsonField = '\0json';

/** A row as the codec has it: {@link idField}, then the fields of a hash, or {@link jsonField}. */
export type RedisRow = RawRow<Buffer>;

/** The row's key without the name of the collection. */
export function idOf(row: RedisRow): Buffer {
  return row.get(idField) ?? Buffer.alloc(0);
}

/** The fields of a hash, none of a string. */
export function hashFields(row: RedisRow): [string, Buffer][] {
  return [...row].filter(([field]) => field !== idField && field !== jsonField);
}

/** Whether a text can be a row: it begins like a JSON object. */
export function looksLikeRow(text: Buffer): boolean {
  for (const byte of text) if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) return byte === 0x7b;
  return false;
}
