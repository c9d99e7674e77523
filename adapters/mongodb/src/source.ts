import {
  type Column,
  type JsonObject,
  type JsonValue,
  type Partition,
  PolyshiftError,
  type PortableType,
  type PortableValue,
  type ReadOptions,
  type Source,
  type SourceBatch,
  type SourceDescription,
  type SourceQuery,
  type SourceScan,
} from '@polyshift/core';
import type { ClientSession, Document, FindCursor, FindOptions } from 'mongodb';
import { elementsOf } from './bson/element.ts';
import { idFromJson, idOf, idToJson } from './bson/id.ts';
import { both, conditionFilter } from './conditions.ts';
import { bsonForm, documentBatch } from './document-batch.ts';
import { hasCode } from './errors.ts';
import { introspectOne } from './introspect.ts';
import { isAtEnd, partitionFilter, partitionsOf, splitPartition } from './partitions.ts';
import { raw, type Store } from './store.ts';
import { translateErrors } from './translate-errors.ts';
import { portableTypeOfRaw, portableValue } from './values/from-bson.ts';

/** Documents that are looked at to tell the fields. */
const sampleSize = 1000;

/** The point in time of a snapshot is gone: it was held for longer than the server keeps history (5 minutes by default). */
const snapshotGone = [239, 246];

/** Reads collections and views. */
export function mongodbSource(store: Store): Source {
  return translateErrors({ scan: (query: SourceQuery) => openScan(store, query) }, 'source');
}

async function openScan(store: Store, query: SourceQuery): Promise<SourceScan> {
  const schema = await introspectOne(store, query.collection);
  if (!schema)
    throw new PolyshiftError('UNKNOWN_COLLECTION', `there is no collection ${query.collection} in ${store.db.databaseName}`);
  if (query.key && (query.key.length !== 1 || query.key[0] !== '_id')) {
    throw new PolyshiftError('INVALID_DOCUMENT', `MongoDB is read by _id, not by ${query.key.join(', ')}`, {
      hint: 'Leave the key out; _id is unique and indexed in every collection.',
    });
  }
  const filter = conditionFilter(query.conditions);
  const projection = projectionOf(query.fields);
  const collection = store.db.collection(query.collection);
  let session: ClientSession | undefined = store.features.snapshot_reads
    ? store.client.startSession({ snapshot: true })
    : undefined;
  const approximate_count = query.conditions ? undefined : schema.approximate_count;
  const description = await describe(store, query, filter, approximate_count);

  let snapshotsLost = 0;
  /** A later snapshot, where one was held for too long; none where the collection cannot be read by one at all (capped ones cannot). */
  const nextSession = async (): Promise<ClientSession | undefined> => {
    await session?.endSession();
    return ++snapshotsLost > 2 ? undefined : store.client.startSession({ snapshot: true });
  };

  const open = (bounds: JsonObject, after: unknown, batchSize: number): FindCursor => {
    const options: FindOptions = {
      ...raw,
      sort: { _id: 1 },
      batchSize,
      ...(projection ? { projection } : {}),
      ...(session ? { session } : {}),
    };
    return collection.find(partitionFilter(filter, bounds, after), options);
  };

  async function* read(partition: { bounds: unknown }, options: ReadOptions): AsyncGenerator<SourceBatch> {
    const bounds = partition.bounds as JsonObject;
    if (isAtEnd(bounds, options.after)) return;
    let after = options.after === undefined || options.after === null ? undefined : idFromJson(options.after);
    let cursor = open(bounds, after, options.batch_size);
    let coming: Promise<Buffer[]> | undefined;
    try {
      for (;;) {
        options.signal?.throwIfAborted();
        let documents: Buffer[];
        try {
          documents = await (coming ?? take(cursor, options.batch_size));
        } catch (error) {
          coming = undefined;
          // 43: the server has closed a cursor that was idle for too long.
          if (!hasCode(error, 43, ...snapshotGone)) throw error;
          if (hasCode(error, ...snapshotGone)) session = await nextSession();
          cursor = open(bounds, after, options.batch_size);
          continue;
        }
        if (documents.length === 0) return;
        snapshotsLost = 0;
        after = idOf(documents.at(-1)!);
        // One batch ahead: the server works while the last one is dealt with.
        coming = take(cursor, options.batch_size);
        coming.catch(() => undefined);
        yield { batch: documentBatch(documents), last_key: idToJson(after) };
      }
    } finally {
      await coming?.catch(() => undefined);
      await cursor.close();
    }
  }

  const scan = {
    description,
    count: () => collection.countDocuments(filter),
    partitions: (want: number) => partitionsOf(store, query.collection, filter, want, approximate_count),
    split: (partition: Partition, after: JsonValue) => splitPartition(store, query.collection, partition, after),
    read,
    [Symbol.asyncDispose]: async () => {
      await session?.endSession();
    },
  };
  return translateErrors(scan, `reading ${query.collection}`);
}

/** Up to `size` documents, without a promise for each. */
async function take(cursor: FindCursor, size: number): Promise<Buffer[]> {
  const documents: Buffer[] = [];
  while (documents.length < size && (await cursor.hasNext())) {
    for (const document of cursor.readBufferedDocuments(size - documents.length)) documents.push(document as unknown as Buffer);
  }
  return documents;
}

function projectionOf(fields: readonly string[] | undefined): Document | undefined {
  if (!fields) return undefined;
  // A path inside of another one that is asked for too would be a collision to the server.
  const wanted = ['_id', ...fields].filter((field) => !fields.some((other) => field.startsWith(`${other}.`)));
  return Object.fromEntries(wanted.map((field) => [field, 1]));
}

/** The fields that the validation schema or a sample shows, each with its type, or `dynamic` where it has several. */
async function describe(
  store: Store,
  query: SourceQuery,
  filter: Document,
  approximate_count: number | undefined,
): Promise<SourceDescription> {
  const sample = (await store.db
    .collection(query.collection)
    .find(both({}, filter), { ...raw, limit: sampleSize })
    .toArray()) as unknown as Buffer[];
  const found = new Map<string, { type: PortableType | undefined; mixed: boolean; nullable: boolean; count: number }>();
  for (const document of sample) {
    for (const { name, type, value } of elementsOf(document)) {
      const own = portableTypeOfRaw(document, type, value);
      const known = found.get(name) ?? { type: undefined, mixed: false, nullable: false, count: 0 };
      known.count++;
      if (own === undefined) known.nullable = true;
      else if (known.type === undefined) known.type = own;
      else if (JSON.stringify(known.type) !== JSON.stringify(own)) known.mixed = true;
      found.set(name, known);
    }
  }
  const wanted = query.fields && new Set(query.fields.map((field) => field.split('.')[0]!));
  const columns: Column[] = [...found]
    .filter(([name]) => name === '_id' || !wanted || wanted.has(name))
    .map(([name, { type, mixed, nullable, count }]) => ({
      name,
      type: mixed || type === undefined ? { kind: 'dynamic' } : type,
      nullable: nullable || count < sample.length,
      form: bsonForm,
      decode: decodeRaw,
    }));
  return { columns, dynamic: true, key: ['_id'], approximate_count };
}

function decodeRaw(value: unknown): PortableValue {
  const { buffer, element } = value as { buffer: Buffer; element: { type: number; value: number } };
  return portableValue(buffer, element.type, element.value);
}
