import {
  type Column,
  type Partition,
  PolyshiftError,
  type PortableType,
  type ReadOptions,
  type Source,
  type SourceBatch,
  type SourceDescription,
  type SourceQuery,
  type SourceScan,
} from '@polyshift/core';
import { itemBatch, itemForm } from './document-batch.ts';
import { countItems, filteredPages, type Segment, type Selection } from './rows/filtered-scan.ts';
import { keyOfItem } from './rows/key.ts';
import { noCollection, type Store } from './store.ts';
import type { KeySchema } from './tables/definition.ts';
import { describe, keyOfTable } from './tables/describe.ts';
import { translateErrors } from './translate-errors.ts';
import type { AttributeValue, Item } from './values/attribute.ts';
import { typeOfAttribute, valueOfType } from './values/from-attribute.ts';

/** Items that are looked at to tell the attributes. */
const sampleSize = 500;

/** Segments that the service takes in one scan, at most. */
const maxSegments = 1_000_000;

/** Reads tables by parallel scan. DynamoDB has no snapshots: what is written during a scan may be in it or not. */
export function dynamodbSource(store: Store): Source {
  return translateErrors({ scan: (query: SourceQuery) => openScan(store, query) }, 'source');
}

async function openScan(store: Store, query: SourceQuery): Promise<SourceScan> {
  const { collection, conditions } = query;
  const table = await describe(store, collection);
  if (table === undefined) throw noCollection(store, collection);
  const key = await keyOfTable(store, collection);
  checkKey(query, key);
  const selection: Selection = {
    collection,
    conditions,
    fields: query.fields,
    consistent: query.params?.['consistent_read'] !== false,
  };
  const description = await describeItems(store, selection, key, conditions ? undefined : table.ItemCount);

  async function* read(partition: Partition, { batch_size, after, signal }: ReadOptions): AsyncGenerator<SourceBatch> {
    const segment = partition.bounds as unknown as Segment;
    const start = after === null ? undefined : after;
    let open: Item[] = [];
    const batchOf = (items: Item[]): SourceBatch => ({ batch: itemBatch(items), last_key: keyOfItem(key, items.at(-1)!) });
    for await (const page of filteredPages(store, selection, segment, batch_size, start)) {
      signal?.throwIfAborted();
      open.push(...page);
      while (open.length >= batch_size) {
        yield batchOf(open.slice(0, batch_size));
        open = open.slice(batch_size);
      }
    }
    if (open.length > 0) yield batchOf(open);
  }

  const scan: SourceScan = {
    description,
    count: () => countItems(store, collection, conditions),
    async partitions(want) {
      const total = Math.max(1, Math.min(want, maxSegments));
      // Segments are cut by the hash of the partition key.
      const share = description.approximate_count === undefined ? undefined : Math.ceil(description.approximate_count / total);
      return Array.from({ length: total }, (_, segment) => ({
        id: segment,
        bounds: { segment, total },
        ...(share === undefined ? {} : { approximate_count: share }),
      }));
    },
    read,
    async [Symbol.asyncDispose]() {},
  };
  return translateErrors(scan, `reading ${collection}`);
}

function checkKey({ key: wanted }: SourceQuery, key: KeySchema): void {
  const own = key.map(({ field }) => field);
  if (!wanted || (wanted.length === own.length && wanted.every((field) => own.includes(field)))) return;
  throw new PolyshiftError('INVALID_DOCUMENT', `the table is read by its key ${own.join(', ')}, not by ${wanted.join(', ')}`, {
    hint: 'Leave the key out.',
  });
}

/** The attributes that a sample shows, each with its type, or `dynamic` where it has several; those of the key first. */
async function describeItems(
  store: Store,
  selection: Selection,
  key: KeySchema,
  approximate_count: number | undefined,
): Promise<SourceDescription> {
  let sample: Item[] = [];
  for await (const page of filteredPages(store, selection, { segment: 0, total: 1 }, sampleSize)) {
    sample = page;
    break;
  }
  const names = new Set([...key.map(({ field }) => field), ...sample.flatMap((item) => Object.keys(item)).sort()]);
  const columns = [...names].map((name): Column => {
    const values = sample.flatMap((item) => (Object.hasOwn(item, name) ? [item[name]!] : []));
    const type = commonType(values.flatMap((value) => typeOfAttribute(value) ?? []));
    return {
      name,
      type,
      nullable: !key.some(({ field }) => field === name),
      form: itemForm,
      decode: (raw) => valueOfType(type, raw as AttributeValue),
    };
  });
  return { columns, dynamic: true, key: key.map(({ field }) => field), approximate_count };
}

/** One type for all: integers and decimals together are decimals. */
function commonType(types: readonly PortableType[]): PortableType {
  const [first] = types;
  if (first === undefined) return { kind: 'dynamic' };
  if (types.every((type) => JSON.stringify(type) === JSON.stringify(first))) return first;
  return types.every(({ kind }) => kind === 'int64' || kind === 'decimal') ? { kind: 'decimal' } : { kind: 'dynamic' };
}
