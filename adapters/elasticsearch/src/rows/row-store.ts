import type { AsideStore, KeyedRow, RawRow, RowCodec, RowKey, RowStore, RowWrite, WriteOutcome } from '@polyshift/adapter-kit';
import { fieldIs, sameRow } from '@polyshift/adapter-kit';
import { PolyshiftError } from '@polyshift/core';
import { getCollection, onlyIndex, shardsOf } from '../collection/collection.ts';
import { nameOf } from '../collection/names.ts';
import { type BulkItem, type BulkOutcome, bulk, isConflict } from '../documents/bulk.ts';
import type { VersionedDocument } from '../documents/document.ts';
import { type DocumentKey, getDocuments } from '../documents/get.ts';
import { refresh, type ScanPosition, scanIndex } from '../documents/scan.ts';
import { classifyServerError } from '../errors.ts';
import { request } from '../http/request.ts';
import { idKey } from '../mapping/collection-meta.ts';
import type { Store } from '../store.ts';
import { documentOfRow, type RawField, rowOf } from './raw-field.ts';

/** Where a scan of a collection is; of another index than the one that was begun with it means nothing. */
interface CollectionPosition extends ScanPosition {
  readonly uuid: string;
}

/** The rows of collections: documents, written where their sequence number is still the one they were read with. */
export function rowStore(store: Store, codec: RowCodec<RawField>, aside: AsideStore): RowStore<RawField> {
  const withId = (collection: string): boolean => store.mappings.of(collection).key[0] === idKey[0];
  const keyed = (collection: string, { document }: VersionedDocument): KeyedRow<RawField> => ({
    key: document.routing === undefined ? document.id : [document.id, document.routing],
    row: rowOf(document, withId(collection)),
  });
  const read = (collection: string, keys: readonly RowKey[]): Promise<VersionedDocument[]> =>
    getDocuments(store, nameOf(store, collection), keys.map(keyOf));

  return {
    codec,
    aside,

    async *scan(collection, { batch_size, after }) {
      const found = await getCollection(store, collection);
      store.mappings.learn(found);
      const { index, settings } = onlyIndex(found);
      await refresh(store, index);
      const uuid = settings['index.uuid']!;
      const position = after as unknown as CollectionPosition | undefined;
      const scan = {
        index,
        shards: shardsOf(settings),
        page: batch_size,
        // Rows are changed while they are read, and come again behind their place in a later search: one moment is needed from the start.
        expected: batch_size,
        // Of an index that was replaced since, everything is read again: what was changed already is known by its images.
        after: position?.uuid === uuid ? position : undefined,
      };
      for await (const { documents, last } of scanIndex(store, scan)) {
        yield { rows: documents.map((each) => keyed(collection, each)), last: { ...last, uuid } };
      }
    },

    async get(collection, keys) {
      if (keys.length === 0) return [];
      return (await read(collection, keys)).map((each) => keyed(collection, each));
    },

    async write(collection, writes) {
      const index = nameOf(store, collection);
      const conditional = writes.filter(({ kind }) => kind !== 'insert').map(({ key }) => key);
      const current = new Map(
        (conditional.length === 0 ? [] : await read(collection, conditional)).map((each) => [each.document.id, each]),
      );
      const items: (BulkItem | undefined)[] = writes.map((write) => {
        const { id, routing } = keyOf(write.key);
        if (write.kind === 'insert') {
          return { index, action: 'create', id, routing, text: documentOfRow(id, routing, write.row).text };
        }
        const found = current.get(id);
        if (!found) return undefined;
        const row = rowOf(found.document, withId(collection));
        const condition = { if: { seq_no: found.seq_no, primary_term: found.primary_term } };
        if (write.kind === 'remove') {
          return sameRow(codec, row, write.row) ? { index, action: 'delete', id, routing, ...condition } : undefined;
        }
        if (!write.fields.every(({ field, before }) => fieldIs(codec, row, field, before))) return undefined;
        return {
          index,
          action: 'index',
          id,
          routing,
          ...condition,
          text: documentOfRow(id, routing, changedRow(row, write)).text,
        };
      });
      const sent = items.filter((item) => item !== undefined);
      const outcomes = (await bulk(store, sent)).values();
      return items.map((item) => (item ? outcomeOf(outcomes.next().value!) : 'differs'));
    },

    async approximateCount(collection) {
      return (await request<{ count: number }>(store, 'GET', [nameOf(store, collection), '_count'])).count;
    },
  };
}

/** The row with the changes of its fields: values in their place, and fields that come back where they stood. */
function changedRow(
  row: RawRow<RawField>,
  { fields }: Extract<RowWrite<RawField>, { kind: 'change' }>,
): ReadonlyMap<string, RawField> {
  const changes = new Map(fields.map((change) => [change.field, change.after]));
  const kept = [...row].flatMap(([name, raw]): [string, RawField][] => {
    if (!changes.has(name)) return [[name, raw]];
    const after = changes.get(name);
    return after === undefined ? [] : [[name, { ...after, at: raw.at }]];
  });
  const added = fields.filter(({ field, after }) => after !== undefined && !row.has(field));
  const idAhead = row.has('_id') ? 1 : 0;
  for (const { field, after } of [...added].sort((left, right) => left.after!.at - right.after!.at))
    kept.splice(Math.min(after!.at + idAhead, kept.length), 0, [field, after!]);
  return new Map(kept);
}

/** The id and the routing that a row's key stands for. */
export function keyOf(key: RowKey): DocumentKey {
  return Array.isArray(key) ? { id: String(key[0]), routing: String(key[1]) } : { id: String(key) };
}

function outcomeOf(outcome: BulkOutcome): WriteOutcome {
  if (outcome.done) return 'written';
  if (isConflict(outcome)) return 'differs';
  const { code, retryable } = classifyServerError(outcome.error);
  // What is about the index or the cluster is not this row's fault.
  if (retryable || code === 'UNKNOWN_COLLECTION' || code === 'PERMISSION_DENIED' || code === 'AUTHENTICATION_FAILED') {
    throw new PolyshiftError(code, outcome.error.reason, { retryable });
  }
  return { code, message: outcome.error.reason };
}
