import type { KeyedRow } from '@polyshift/adapter-kit';
import { isWrongType } from '../errors.ts';
import { bytesOf, nameOf } from '../keys/names.ts';
import { placeholder } from '../scripts/write-row.ts';
import { type Command, type Reply, type Store, sendAll } from '../store.ts';
import { idField, jsonField, looksLikeRow, type RedisRow } from './raw-row.ts';

/** Rows that are read in one pipeline, at most. */
const chunk = 1000;

/**
 * The rows with these keys, in their order; what is missing, of another type than hash and string, or a string that does not begin like a JSON
 * object, is left out: it is no row.
 */
export async function readRows(store: Store, collection: string, ids: readonly string[]): Promise<KeyedRow<Buffer>[]> {
  const rows: KeyedRow<Buffer>[] = [];
  for (let from = 0; from < ids.length; from += chunk) {
    const some = ids.slice(from, from + chunk);
    for (const [index, row] of (await readChunk(store, collection, some)).entries())
      if (row) rows.push({ key: some[index]!, row });
  }
  return rows;
}

async function readChunk(store: Store, collection: string, ids: readonly string[]): Promise<(RedisRow | undefined)[]> {
  // Most rows have the encoding of their collection; the others say so by an error, and are asked for in the other way.
  const ways = store.definitions.known(collection).encoding === 'json' ? ['get', 'hgetall'] : ['hgetall', 'get'];
  const keys = ids.map((id) => store.keys.row(collection, id));
  const replies = await ask(store, keys, ways[0]!);
  const others = replies.flatMap((reply, position) => (isWrongType(reply) ? [position] : []));
  const second = await ask(
    store,
    others.map((position) => keys[position]!),
    ways[1]!,
  );
  for (const [index, position] of others.entries()) replies[position] = second[index]!;
  return replies.map((reply, position) => {
    if (reply instanceof Error) {
      if (isWrongType(reply)) return undefined;
      throw reply;
    }
    return rowOf(bytesOf(ids[position]!), reply);
  });
}

function ask(store: Store, keys: readonly Buffer[], way: string): Promise<(Reply | Error)[]> {
  return sendAll(
    store,
    keys.map((key): Command => [way, key]),
  );
}

function rowOf(id: Buffer, reply: Reply): RedisRow | undefined {
  if (Buffer.isBuffer(reply)) {
    return looksLikeRow(reply)
      ? new Map([
          [idField, id],
          [jsonField, reply],
        ])
      : undefined;
  }
  const fields = reply as Buffer[] | null;
  if (!fields || fields.length === 0) return undefined;
  const row = new Map<string, Buffer>([[idField, id]]);
  for (let index = 0; index < fields.length; index += 2) {
    const name = fields[index]!;
    if (name.toString() !== placeholder) row.set(nameOf(name), fields[index + 1]!);
  }
  return row;
}
