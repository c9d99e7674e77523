import type {
  Column,
  JsonObject,
  JsonValue,
  Partition,
  PortableType,
  ReadOptions,
  Source,
  SourceBatch,
  SourceDescription,
  SourceQuery,
  SourceScan,
} from '@polyshift/core';
import { dynamicType, PolyshiftError } from '@polyshift/core';
import { type Collection, type ConcreteIndex, getCollection, shardsOf } from './collection/collection.ts';
import { conditionFilter, type Filter } from './conditions.ts';
import { StoredDocument } from './documents/document.ts';
import { documentBatch, documentForm, type RawValue } from './documents/document-batch.ts';
import { refresh, type ScanPosition, scanIndex } from './documents/scan.ts';
import { request } from './http/request.ts';
import type { JsonFields } from './json/node.ts';
import type { CollectionTypes } from './mapping/mapping-cache.ts';
import type { Store } from './store.ts';
import { translateErrors } from './translate-errors.ts';
import { decodeAt, decodeFields } from './values/decode.ts';

/** Documents that are looked at to tell the fields that no mapping names, and which hold several values. */
const sampleSize = 200;

/** Partitions, at most: each is a filter over all ids, and the server refuses more than 1,024. */
const maxPartitions = 256;

/** Fewer documents are not worth a search of their own. */
const smallestPartition = 10;

/** Where a read is: the index by its uuid, since a name may stand for another one later. */
interface SourcePosition extends ScanPosition {
  readonly uuid: string;
}

/** Reads collections, and aliases over several indices. */
export function elasticsearchSource(store: Store): Source {
  return translateErrors({ scan: (query: SourceQuery) => openScan(store, query) }, 'source');
}

async function openScan(store: Store, query: SourceQuery): Promise<SourceScan> {
  const collection = await getCollection(store, query.collection);
  const types = store.mappings.learn(collection);
  if (query.key && query.key.join('\0') !== types.key.join('\0')) {
    throw new PolyshiftError(
      'INVALID_DOCUMENT',
      `${query.collection} is read by ${types.key.join(', ')}, not by ${query.key.join(', ')}`,
      {
        hint: 'Leave the key out: the documents are found by their _id.',
      },
    );
  }
  const filter = conditionFilter(query.conditions, types.fields);
  for (const { index } of collection.indices) await refresh(store, index);
  const counted = await request<{ count: number }>(store, 'GET', [
    collection.indices.map(({ index }) => index).join(','),
    '_count',
  ]);
  const reader = new Reader(store, collection, types, filter, query.fields, counted.count);
  const scan: SourceScan = {
    description: await reader.describe(query),
    count: () => reader.count(),
    partitions: async (want) => partitionsOf(want, query.conditions ? undefined : counted.count),
    read: (partition, options) => reader.read(partition, options),
    [Symbol.asyncDispose]: async () => {},
  };
  return translateErrors(scan, `reading ${query.collection}`);
}

/** Parts by the hash of the ids: a document is in the same part whatever is written to it, and whoever reads. */
function partitionsOf(want: number, count: number | undefined): Partition[] {
  const max = Math.max(1, Math.min(want, maxPartitions, Math.ceil((count ?? maxPartitions) / smallestPartition)));
  const share = count === undefined ? {} : { approximate_count: Math.ceil(count / max) };
  if (max === 1) return [{ id: 0, bounds: {}, ...share }];
  return Array.from({ length: max }, (_, id) => ({ id, bounds: { slice: { id, max } }, ...share }));
}

class Reader {
  private readonly store: Store;
  private readonly collection: Collection;
  private readonly types: CollectionTypes;
  private readonly filter: Filter;
  private readonly fields: ReadonlySet<string> | undefined;
  private readonly expected: number;

  constructor(
    store: Store,
    collection: Collection,
    types: CollectionTypes,
    filter: Filter,
    fields: readonly string[] | undefined,
    expected: number,
  ) {
    this.store = store;
    this.collection = collection;
    this.types = types;
    this.filter = filter;
    // Of a path the whole field is read.
    this.fields = fields && new Set([...fields, ...fields.map((field) => field.split('.')[0]!), ...types.key]);
    this.expected = expected;
  }

  async *read({ bounds }: Partition, options: ReadOptions): AsyncGenerator<SourceBatch> {
    const position = (options.after ?? undefined) as unknown as SourcePosition | undefined;
    const slice = (bounds as JsonObject)['slice'] as { id: number; max: number } | undefined;
    // An index that is not there any more was replaced: its documents come again, which a load by key takes.
    const from = position ? this.collection.indices.findIndex(({ settings }) => settings['index.uuid'] === position.uuid) : -1;
    for (const [offset, concrete] of this.collection.indices.slice(Math.max(from, 0)).entries()) {
      yield* this.readIndex(concrete, slice, from >= 0 && offset === 0 ? position : undefined, options);
    }
  }

  async count(): Promise<number> {
    if (!this.filter.test) return this.expected;
    let count = 0;
    for await (const { batch } of this.read({ id: 0, bounds: {} }, { batch_size: 5000 }))
      count += batch.kind === 'documents' ? batch.documents.length : 0;
    return count;
  }

  async describe(query: SourceQuery): Promise<SourceDescription> {
    const sample: StoredDocument[] = [];
    for await (const { batch } of this.read({ id: 0, bounds: {} }, { batch_size: sampleSize })) {
      if (batch.kind === 'documents') sample.push(...(batch.documents as StoredDocument[]));
      break;
    }
    return {
      columns: this.columns(sample),
      dynamic: true,
      key: this.types.key,
      approximate_count: query.conditions ? undefined : this.expected,
    };
  }

  private async *readIndex(
    { index, settings }: ConcreteIndex,
    slice: { id: number; max: number } | undefined,
    after: SourcePosition | undefined,
    { batch_size, signal }: ReadOptions,
  ): AsyncGenerator<SourceBatch> {
    const uuid = settings['index.uuid']!;
    const pages = scanIndex(this.store, {
      index,
      shards: shardsOf(settings),
      page: batch_size,
      expected: this.expected,
      query: this.filter.query,
      slice,
      after,
      signal,
    });
    for await (const page of pages) {
      const documents = page.documents.map(({ document }) => document).filter((document) => this.meets(document));
      if (documents.length === 0) continue;
      const last: SourcePosition = { uuid, ...page.last };
      yield {
        batch: documentBatch(
          this.types,
          documents.map((each) => this.projected(each)),
        ),
        last_key: last as unknown as JsonValue,
      };
    }
  }

  private meets(document: StoredDocument): boolean {
    const { test } = this.filter;
    if (!test) return true;
    return test(new Map([['_id', document.id], ...decodeFields(document.fields, this.types.fields)]));
  }

  private projected(document: StoredDocument): StoredDocument {
    const { fields } = this;
    if (!fields) return document;
    const kept: JsonFields = new Map([...document.fields].filter(([name]) => fields.has(name)));
    return StoredDocument.of(document.id, kept, document.routing);
  }

  /** The fields of the mapping and those that the sample has besides; each with its type, `dynamic` where its values differ. */
  private columns(sample: readonly StoredDocument[]): Column[] {
    const { fields, key } = this.types;
    const names = new Set([
      ...(key[0] === '_id' ? ['_id'] : []),
      ...[...fields.keys()].filter((path) => !path.includes('.')),
      ...sample.flatMap((document) => [...document.fields.keys()]),
    ]);
    return [...names]
      .filter((name) => !this.fields || name === '_id' || this.fields.has(name))
      .map((name) => {
        const values = sample.map((document) => (name === '_id' ? document.id : document.fields.get(name)));
        const present = values.filter((node) => node !== undefined && node !== null);
        const seen = present.map((node) => dynamicType(decodeAt(node, fields, name))!);
        return {
          name,
          type: name === '_id' ? { kind: 'text' } : columnType(fields.get(name)?.portable, seen),
          nullable: !key.includes(name),
          form: documentForm,
          decode: (raw) => decodeAt((raw as RawValue).node, fields, (raw as RawValue).path),
          ...(fields.has(name) ? { native: fields.get(name)!.native } : {}),
        };
      });
  }
}

/** The type of the mapping, where the values that were seen are of it; any field of Elasticsearch may hold several values. */
function columnType(mapped: PortableType | undefined, seen: readonly PortableType[]): PortableType {
  const kinds = new Set(seen.map(({ kind }) => kind));
  if (mapped && mapped.kind !== 'dynamic') {
    if (kinds.size === 1 && kinds.has('array') && mapped.kind !== 'array') return { kind: 'array', of: mapped };
    return kinds.has('array') && mapped.kind !== 'array' ? { kind: 'dynamic' } : mapped;
  }
  return kinds.size === 1 ? seen[0]! : { kind: 'dynamic' };
}
