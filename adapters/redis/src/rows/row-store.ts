import type { KeyedRow, RowScan, RowStore } from '@polyshift/adapter-kit';
import { writeIndexed } from '../indexes/write-indexed.ts';
import { collectKeys } from '../keys/key-list.ts';
import { scanCollection } from '../keys/scan-keys.ts';
import { type Store, send } from '../store.ts';
import { getEntries, scanEntries, streamKey, writeEntries } from '../streams/entries.ts';
import { asideStore } from './aside.ts';
import { rowCodec } from './codec.ts';
import { readRows } from './read-rows.ts';
import { writeRows } from './write-rows.ts';

/** Keys that a scan has read ahead of the rows that it gives. */
const keysAhead = 1000;

/** The rows of all collections. */
export function rowStore(store: Store): RowStore<Buffer> {
  const { definitions } = store;
  return {
    codec: rowCodec(definitions),
    aside: asideStore(store),

    async *scan(collection, scan) {
      const definition = await definitions.read(collection);
      if (definition?.encoding === 'stream') yield* scanEntries(store, collection, scan);
      else yield* scanRows(store, collection, scan);
    },

    async get(collection, keys) {
      const definition = await definitions.read(collection);
      const ids = keys.map(String);
      return definition?.encoding === 'stream' ? getEntries(store, collection, ids) : readRows(store, collection, ids);
    },

    async write(collection, writes) {
      const definition = (await definitions.read(collection)) ?? definitions.known(collection);
      if (definition.encoding === 'stream') return writeEntries(store, collection, definition, writes);
      return (definition.indexes.length > 0 ? writeIndexed : writeRows)(store, collection, definition, writes);
    },

    async approximateCount(collection) {
      if ((await definitions.read(collection))?.encoding === 'stream')
        return Number(await send(store, 'xlen', streamKey(store, collection)));
      let count = 0;
      for await (const ids of scanCollection(store, collection)) count += ids.length;
      return count;
    },
  };
}

async function* scanRows(store: Store, collection: string, { batch_size, after }: RowScan) {
  await using keys = await collectKeys(store, collection);
  let last = after === undefined || after === null ? undefined : String(after);
  let rows: KeyedRow<Buffer>[] = [];
  for (;;) {
    const ids = await keys.page(last, undefined, Math.max(batch_size, keysAhead));
    if (ids.length === 0) break;
    last = ids.at(-1)!;
    rows.push(...(await readRows(store, collection, ids)));
    for (; rows.length >= batch_size; rows = rows.slice(batch_size)) {
      const batch = rows.slice(0, batch_size);
      yield { rows: batch, last: batch.at(-1)!.key };
    }
  }
  if (rows.length > 0) yield { rows, last: rows.at(-1)!.key };
}
