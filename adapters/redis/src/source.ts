import { compileConditions, type KeyedRow } from '@polyshift/adapter-kit';
import {
  type Column,
  dynamicType,
  type JsonObject,
  type JsonValue,
  type Partition,
  PolyshiftError,
  type PortableType,
  portableColumn,
  type ReadOptions,
  type Source,
  type SourceBatch,
  type SourceQuery,
  type SourceScan,
  stableJson,
} from '@polyshift/core';
import { type Definition, keyNames, undefinedCollection } from './definitions/definition.ts';
import { collectKeys, type KeyList } from './keys/key-list.ts';
import { exists } from './keys/scan-keys.ts';
import { rowBatch } from './row-batch.ts';
import { decodeRow } from './rows/codec.ts';
import { readRows } from './rows/read-rows.ts';
import { type Store, send } from './store.ts';
import { scanEntries, streamKey } from './streams/entries.ts';
import { translateErrors } from './translate-errors.ts';

/** Rows that are looked at to tell the fields of a collection without a definition. */
const sampleSize = 100;

/** The part of a scan behind one key and up to another; null is no bound. */
interface Bounds extends JsonObject {
  after: string | null;
  to: string | null;
}

/** Reads collections. */
export function redisSource(store: Store): Source {
  return translateErrors({ scan: (query: SourceQuery) => openScan(store, query) }, 'source');
}

async function openScan(store: Store, query: SourceQuery): Promise<SourceScan> {
  const { collection } = query;
  if (!(await exists(store, collection)))
    throw new PolyshiftError('UNKNOWN_COLLECTION', `there is no collection ${collection}: no key begins with ${collection}:`);
  const known = await store.definitions.read(collection);
  const definition = known ?? undefinedCollection;
  const names = keyNames(definition);
  if (query.key && [...query.key].sort().join('\0') !== [...names].sort().join('\0')) {
    throw new PolyshiftError('INVALID_DOCUMENT', `${collection} is read by ${names.join(', ')}, not by ${query.key.join(', ')}`, {
      hint: 'Leave the key out: rows are read in the order of their keys.',
    });
  }
  const meets = query.conditions ? compileConditions(query.conditions) : undefined;
  const chosen = (rows: readonly KeyedRow<Buffer>[]): readonly KeyedRow<Buffer>[] =>
    meets ? rows.filter(({ row }) => meets(decodeRow(definition, known !== undefined, row))) : rows;
  const isStream = definition.encoding === 'stream';
  let list: Promise<KeyList> | undefined;
  const keys = (): Promise<KeyList> => {
    list ??= collectKeys(store, collection);
    return list;
  };

  /** Rows with the place behind them, in the order of the scan. */
  async function* rowsFrom(
    { after, to }: Bounds,
    batchSize: number,
  ): AsyncGenerator<{ rows: readonly KeyedRow<Buffer>[]; last: JsonValue }> {
    if (isStream) return yield* scanEntries(store, collection, { batch_size: batchSize, after: after ?? undefined });
    const order = await keys();
    const page = (behind: string | undefined) => order.page(behind, to ?? undefined, batchSize);
    for (let ids = await page(after ?? undefined); ids.length > 0; ) {
      const last = ids.at(-1)!;
      const [rows, next] = await Promise.all([readRows(store, collection, ids), page(last)]);
      yield { rows, last };
      ids = next;
    }
  }

  async function* read(partition: Partition, { batch_size, after, signal }: ReadOptions): AsyncGenerator<SourceBatch> {
    const bounds = partition.bounds as Bounds;
    const start = { ...bounds, ...(after === undefined || after === null ? {} : { after: String(after) }) };
    let rows: KeyedRow<Buffer>[] = [];
    for await (const page of rowsFrom(start, batch_size)) {
      signal?.throwIfAborted();
      const some = chosen(page.rows);
      if (isStream) {
        if (some.length > 0) yield { batch: rowBatch(definition, known !== undefined, some), last_key: page.last };
        continue;
      }
      rows.push(...some);
      for (; rows.length >= batch_size; rows = rows.slice(batch_size)) yield batchOf(rows.slice(0, batch_size));
    }
    if (rows.length > 0) yield batchOf(rows);
  }

  const batchOf = (rows: readonly KeyedRow<Buffer>[]): SourceBatch => ({
    batch: rowBatch(definition, known !== undefined, rows),
    last_key: rows.at(-1)!.key,
  });

  const scan: SourceScan = {
    description: {
      columns: known
        ? definedColumns(definition, query.fields)
        : await sampledColumns(store, collection, await keys(), query.fields),
      dynamic: true,
      key: names,
      approximate_count: query.conditions || isStream ? undefined : (await keys()).count,
    },

    async count() {
      if (isStream && !meets) return Number(await send(store, 'xlen', streamKey(store, collection)));
      let count = 0;
      for await (const { rows } of rowsFrom({ after: null, to: null }, 1000)) count += chosen(rows).length;
      return count;
    },

    async partitions(want) {
      if (isStream) return [{ id: 0, bounds: { after: null, to: null } }];
      const order = await keys();
      const parts = Math.max(1, Math.min(want, order.count));
      const ends: (string | null)[] = [];
      for (let part = 1; part < parts; part++) ends.push(await order.at(Math.floor((part * order.count) / parts) - 1));
      return [...ends, null].map((to, id) => ({
        id,
        bounds: { after: ends[id - 1] ?? null, to },
        approximate_count: Math.ceil(order.count / parts),
      }));
    },

    read,

    async [Symbol.asyncDispose]() {
      await (await list)?.[Symbol.asyncDispose]();
    },
  };
  return translateErrors(scan, `reading ${collection}`);
}

function definedColumns(definition: Definition, wanted: readonly string[] | undefined): Column[] {
  return [
    ...definition.key.map(({ name, type }) => portableColumn(name, type, false)),
    ...definition.fields
      .filter(({ name }) => wanted?.includes(name) ?? true)
      .map(({ name, type, nullable }) => portableColumn(name, type, nullable)),
  ];
}

/** The fields that the first rows have, each with its type, or `dynamic` where it has several. */
async function sampledColumns(
  store: Store,
  collection: string,
  keys: KeyList,
  wanted: readonly string[] | undefined,
): Promise<Column[]> {
  const rows = await readRows(store, collection, await keys.page(undefined, undefined, sampleSize));
  const types = new Map<string, PortableType | undefined>();
  for (const { row } of rows) {
    for (const [name, value] of decodeRow(undefinedCollection, false, row)) {
      const own = dynamicType(value);
      const known = types.get(name);
      const mixed = known && own && stableJson(known) !== stableJson(own);
      types.set(name, mixed ? { kind: 'dynamic' } : (known ?? own));
    }
  }
  return [...types]
    .filter(([name]) => name === 'id' || (wanted?.includes(name) ?? true))
    .map(([name, type]) => portableColumn(name, type ?? { kind: 'dynamic' }, name !== 'id'));
}
