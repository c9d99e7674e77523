import { createHash } from 'node:crypto';
import { type Fingerprint, SetDigest, stableJson } from '@polyshift/core';
import { isWrongType } from './errors.ts';
import { indexContent } from './indexes/content.ts';
import { keyBatches } from './keys/key-batches.ts';
import { exists } from './keys/scan-keys.ts';
import { type Command, type Reply, type Store, sendAll, sendEach } from './store.ts';
import { scanEntries } from './streams/entries.ts';

/** Keys in one pipeline. */
const pageSize = 1000;

/**
 * See `StoreSession.fingerprint`. The content is every key of the collection with its type, its bytes (fields of a hash in any order) and when it expires, and
 * every entry of its indexes. Of a stream, the fields of its entries count, not their ids, which are times.
 */
export async function fingerprint(store: Store, name: string): Promise<Fingerprint> {
  const digest = new SetDigest();
  if (!(await exists(store, name))) return { schema: 'absent', content: digest.sum, count: 0 };
  const definition = await store.definitions.read(name);
  const schema = createHash('sha256')
    .update(stableJson(definition ?? {}))
    .digest('hex');
  if (definition?.encoding === 'stream') {
    for await (const { rows } of scanEntries(store, name, { batch_size: pageSize })) {
      for (const { key, row } of rows)
        digest.add(JSON.stringify([key, sortedPairs([...row].map(([field, raw]) => [field, text(raw)]))]));
    }
    return { schema, content: digest.sum, count: digest.count };
  }
  for await (const { ids } of keyBatches(store, name, pageSize)) {
    for (const each of await keyTexts(store, name, ids)) digest.add(each);
  }
  const { count } = digest;
  for (const index of definition?.indexes ?? []) {
    for await (const entries of indexContent(store, name, index)) {
      // The same collection behind another prefix has the same fingerprint.
      for (const { key, member, value } of entries)
        digest.add(`index\0${key.slice(store.keys.prefix.length)}\0${text(member)}\0${text(Buffer.from(value))}`);
    }
  }
  return { schema, content: digest.sum, count };
}

async function keyTexts(store: Store, name: string, ids: readonly string[]): Promise<string[]> {
  const keys = ids.map((id) => store.keys.row(name, id));
  const [values, expiries] = await Promise.all([
    sendAll(
      store,
      keys.map((key): Command => ['hgetall', key]),
    ),
    sendEach(
      store,
      keys.map((key): Command => ['pexpiretime', key]),
    ),
  ]);
  const others = values.flatMap((value, position) => (isWrongType(value) ? [position] : []));
  // A key of another type than hash is its serialised form, but for the version and checksum at its end.
  const dumps = await sendEach(
    store,
    others.map((position): Command => ['dump', keys[position]!]),
  );
  for (const [index, position] of others.entries()) values[position] = dumps[index]!;
  return values.flatMap((value, position) => {
    if (value instanceof Error) throw value;
    const content = valueText(value);
    return content === undefined ? [] : [JSON.stringify([ids[position]!, expiries[position], content])];
  });
}

/** Undefined for a key that is gone. */
function valueText(value: Reply): unknown {
  if (Buffer.isBuffer(value)) return text(value.subarray(0, -10));
  const fields = value as Buffer[] | null;
  if (!fields || fields.length === 0) return undefined;
  const pairs = Array.from({ length: fields.length / 2 }, (_, index): [string, string] => [
    text(fields[index * 2]!),
    text(fields[index * 2 + 1]!),
  ]);
  return sortedPairs(pairs);
}

function sortedPairs(pairs: readonly [string, string][]): [string, string][] {
  return [...pairs].sort(([left], [right]) => (left < right ? -1 : 1));
}

function text(bytes: Buffer): string {
  return bytes.toString('latin1');
}
