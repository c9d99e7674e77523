import type { Document } from 'mongodb';
import { findElement } from '../bson/element.ts';
import type { Store } from '../store.ts';

/**
 * The documents that meet a filter, in the order of _id, as the one BSON array that the server sends: equal bytes are equal documents.
 * Undefined where they are more than the server sends at once.
 */
export async function firstBatch(
  store: Store,
  collection: string,
  filter: Document,
  projection?: Document,
): Promise<Buffer | undefined> {
  const command = { find: collection, filter, sort: { _id: 1 }, batchSize: 100_000, ...(projection ? { projection } : {}) };
  const reply = await store.db.command(command, { raw: true });
  const cursor = reply['cursor'] as Buffer;
  const open = cursor.readBigInt64LE(findElement(cursor, 'id')!.value);
  const batch = findElement(cursor, 'firstBatch')!;
  if (open === 0n) return cursor.subarray(batch.value, batch.end);
  await store.db.command({ killCursors: collection, cursors: [open] }).catch(() => undefined);
  return undefined;
}
