import type { KeyedRow, RowEncoder } from '@polyshift/adapter-kit';
import {
  type Batch,
  type Column,
  type DocumentBatch,
  type EncodedBatch,
  isPolyshiftError,
  type JsonValue,
  jsonOf,
  type PortableDocument,
  type PortableValue,
  type RejectedRow,
  type RowBatch,
  type SinkTarget,
  toDynamic,
} from '@polyshift/core';
import type { Definition } from './definitions/definition.ts';
import { rowBatch } from './row-batch.ts';
import { buildRow } from './rows/encode-row.ts';

/** Bytes that Redis takes in one string or field, at most. */
export const largestValue = 512 * 1024 * 1024;

/** Turns batches into rows of one collection. Nothing is lost by it, so there are no losses. */
export function rowEncoder(definition: Definition, target: SinkTarget): RowEncoder<Buffer> {
  return {
    encode: (batch) => collect(definition, target, batch.kind === 'rows' ? rowsAsDocuments(batch) : documents(batch)),
    // Batches that this encoder gave hold keyed rows already.
    rowsOf: (batch: Batch) => (batch as DocumentBatch).documents as readonly KeyedRow<Buffer>[],
    batchOf: (rows) => rowBatch(definition, true, rows),
  };
}

function* rowsAsDocuments({ columns, rows }: RowBatch): Generator<() => PortableDocument> {
  for (const row of rows) {
    yield () => {
      const document: PortableDocument = new Map();
      for (const [position, column] of columns.entries()) {
        const raw = row[position];
        if (raw !== undefined) document.set(column.name, raw === null ? null : dynamicValue(column, raw));
      }
      return document;
    };
  }
}

function dynamicValue(column: Column, raw: unknown): PortableValue {
  return toDynamic(column.type, column.form === 'portable' ? (raw as PortableValue) : column.decode(raw));
}

function* documents(batch: DocumentBatch): Generator<() => PortableDocument> {
  for (const document of batch.documents) yield () => batch.decode(document);
}

function collect(definition: Definition, target: SinkTarget, sources: Iterable<() => PortableDocument>): EncodedBatch {
  const rows: KeyedRow<Buffer>[] = [];
  const rejected: RejectedRow[] = [];
  let bytes = 0;
  let index = 0;
  for (const source of sources) {
    let document: PortableDocument | undefined;
    try {
      document = source();
      const row = buildRow(definition, document);
      const size = sizeOf(row);
      if (size > largestValue) throw new Error(`the row has ${size} bytes, and Redis takes ${largestValue}`);
      rows.push(row);
      bytes += size;
    } catch (error) {
      const code = isPolyshiftError(error)
        ? error.code === 'INVALID_DOCUMENT'
          ? 'ROW_REJECTED'
          : error.code
        : 'CONVERSION_FAILED';
      rejected.push({ index, key: keyOf(target, document), code, message: (error as Error).message });
    }
    index++;
  }
  return { batch: rowBatch(definition, true, rows), losses: [], rejected, bytes };
}

function sizeOf({ key, row }: KeyedRow<Buffer>): number {
  let size = String(key).length;
  for (const [field, raw] of row) size += field.length + raw.length;
  return size;
}

/** The key as JSON, for people. */
function keyOf({ key }: SinkTarget, document: PortableDocument | undefined): JsonValue {
  const parts = key.map((name) => jsonOf({ kind: 'dynamic' }, document?.get(name) ?? null));
  return parts.length === 1 ? parts[0]! : parts;
}
