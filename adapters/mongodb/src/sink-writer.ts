import type { Batch, DocumentBatch, RejectedRow, SinkTarget, SinkWriter, WriteResult } from '@polyshift/core';
import type { Document } from 'mongodb';
import { idOfDocument } from './bson/exact-value.ts';
import { idKey } from './bson/id.ts';
import { documentBatch } from './document-batch.ts';
import { rejection } from './insert.ts';
import { DocumentEncoder } from './sink-encode.ts';
import { writeFilled } from './sink-filled.ts';
import { durable, raw, type Store } from './store.ts';
import { type DocumentError, insertRaw } from './write-commands.ts';

/** Writes into a target that this load has created or found empty, or (before: filled) into one with documents of others. */
export function sinkWriter(store: Store, target: SinkTarget, before: 'absent' | 'empty' | 'filled'): SinkWriter {
  const encoder = new DocumentEncoder(target.on_loss);
  const collection = store.db.collection(target.collection);

  const byIds = async (documents: readonly Buffer[]): Promise<Buffer[]> => {
    const ids = documents.map(idOfDocument);
    return (await collection
      .find({ _id: { $in: ids } } as Document, { ...raw, batchSize: 10_000 })
      .toArray()) as unknown as Buffer[];
  };

  return {
    encode: (batch) => encoder.encode(batch),

    async write(batch, { replay }) {
      const documents = documentsOf(batch);
      if (documents.length === 0) return { inserted: 0, replaced: 0, already_there: 0, rejected: [] };
      if (before === 'filled') return writeFilled(store, target, documents, replay);
      const { errors } = await insertRaw(store, target.collection, documents, {});
      const duplicates = errors.filter((error) => error.code === 11000);
      const existing =
        duplicates.length > 0 && (replay || target.mode === 'ignore')
          ? await byIds(duplicates.map(({ index }) => documents[index]!))
          : [];
      return settle(documents, errors, new Map(existing.map((each) => [idKey(each), each])), replay);
    },

    async lookup(batch) {
      return documentBatch(await byIds(documentsOf(batch)));
    },

    async remove(batch) {
      const ids = documentsOf(batch).map(idOfDocument);
      if (ids.length > 0) await collection.deleteMany({ _id: { $in: ids } } as Document, durable);
    },

    async finish() {},

    async [Symbol.asyncDispose]() {},
  };
}

/** Sorts out what an insert could not write: what an earlier attempt has written, and what must be rejected. */
function settle(
  documents: readonly Buffer[],
  errors: readonly DocumentError[],
  existing: ReadonlyMap<string, Buffer>,
  replay: boolean,
): WriteResult {
  const rejected: RejectedRow[] = [];
  const seen = new Set<string>();
  let already_there = 0;
  for (const error of errors) {
    const document = documents[error.index]!;
    if (error.code === 11000 && replay) {
      const key = idKey(document);
      // Equal, or changed by the application since it was loaded: that write stays. A key that stands twice in this batch was rejected then, too.
      if (existing.has(key) && !seen.has(key)) {
        seen.add(key);
        already_there++;
        continue;
      }
    }
    rejected.push(rejection(error, document));
  }
  return { inserted: documents.length - errors.length, replaced: 0, already_there, rejected };
}

/** The documents of a batch that encode has given. */
function documentsOf(batch: Batch): readonly Buffer[] {
  return (batch as DocumentBatch).documents as readonly Buffer[];
}
