import { createHash } from 'node:crypto';
import { type JsonValue, SetDigest, stableJson } from '@polyshift/core';
import type { RawRow, RowCodec, RowStore } from '../row-store.ts';

/** One text for each raw row, whatever the order of its fields. */
export function rowText<Raw>(codec: RowCodec<Raw>, row: RawRow<Raw>): string {
  const json = (raw: Raw): JsonValue => (codec.canonical ? codec.canonical(raw) : codec.toJson(raw));
  return stableJson([...row].sort(([left], [right]) => (left < right ? -1 : 1)).map(([field, raw]) => [field, json(raw)]));
}

/** The hash of a raw row. */
export function rowHash<Raw>(codec: RowCodec<Raw>, row: RawRow<Raw>): string {
  return createHash('md5').update(rowText(codec, row)).digest('base64');
}

/** The number of rows in a collection, and an order-independent hash over all of them. Reads every row. */
export async function contentOf<Raw>(store: RowStore<Raw>, collection: string): Promise<{ count: number; content: string }> {
  const digest = new SetDigest();
  for await (const { rows } of store.scan(collection, { batch_size: 1000 })) {
    for (const { row } of rows) digest.add(rowText(store.codec, row));
  }
  return { count: digest.count, content: digest.sum };
}
