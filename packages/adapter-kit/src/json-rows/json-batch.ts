import {
  type Batch,
  type DocumentBatch,
  type EncodedBatch,
  type JsonValue,
  PolyshiftError,
  type PortableDocument,
  type PortableValue,
  type RejectedRow,
  toDynamic,
} from '@polyshift/core';
import type { KeyedRow } from '../row-store.ts';
import type { RowEncoder } from '../sink/sink-store.ts';
import { valueAt } from '../values/field-path.ts';
import { jsonCodec, jsonRow } from './json-codec.ts';

/** Rows as a batch: what the source of such a store gives, and its sink writes. */
export function jsonBatch(rows: readonly KeyedRow<JsonValue>[]): DocumentBatch {
  const decode = (raw: unknown): PortableDocument => jsonCodec.decode('', (raw as KeyedRow<JsonValue>).row);
  return {
    kind: 'documents',
    form: 'json_rows',
    documents: rows,
    decode,
    get: (raw, path) => valueAt(decode(raw), path),
    decodeValue: (raw) => raw as PortableValue,
  };
}

/** The row of a document, its key the list of the values of the key fields. Throws INVALID_DOCUMENT where one has no value. */
export function keyedJsonRow(document: PortableDocument, key: readonly string[]): KeyedRow<JsonValue> {
  const row = jsonRow(document);
  const missing = key.find((field) => (row.get(field) ?? null) === null);
  if (missing === undefined) return { key: key.map((field) => row.get(field)!), row };
  throw new PolyshiftError('INVALID_DOCUMENT', `the row has no ${missing}, which is part of the key`);
}

/** Encodes for a sink over JSON rows: every value exactly; a row without a key is rejected. */
export function jsonRowEncoder(key: readonly string[]): RowEncoder<JsonValue> {
  return {
    encode(batch): EncodedBatch {
      const rows: KeyedRow<JsonValue>[] = [];
      const rejected: RejectedRow[] = [];
      let bytes = 0;
      let index = 0;
      for (const document of documentsOf(batch)) {
        try {
          const keyed = keyedJsonRow(document, key);
          rows.push(keyed);
          bytes += JSON.stringify([...keyed.row]).length;
        } catch (error) {
          rejected.push({ index, key: null, code: 'CONVERSION_FAILED', message: (error as Error).message });
        }
        index++;
      }
      return { batch: jsonBatch(rows), losses: [], rejected, bytes };
    },
    rowsOf: (batch) => (batch as DocumentBatch).documents as readonly KeyedRow<JsonValue>[],
    batchOf: jsonBatch,
  };
}

/** The documents of a batch in any form; a field that is missing (undefined) stays so. */
function* documentsOf(batch: Batch): Generator<PortableDocument> {
  if (batch.kind === 'documents') {
    for (const raw of batch.documents) yield batch.decode(raw);
    return;
  }
  for (const row of batch.rows) {
    const document: PortableDocument = new Map();
    for (const [position, { name, type, decode }] of batch.columns.entries()) {
      const raw = row[position];
      if (raw !== undefined) document.set(name, raw === null ? null : toDynamic(type, decode(raw)));
    }
    yield document;
  }
}
