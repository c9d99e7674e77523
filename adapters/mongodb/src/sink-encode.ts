import {
  type Batch,
  type Column,
  type DocumentBatch,
  type EncodedBatch,
  isPolyshiftError,
  type JsonValue,
  type PortableValue,
  type RejectedRow,
  type RowBatch,
} from '@polyshift/core';
import type { Element } from './bson/element.ts';
import { exactValue, idOfDocument } from './bson/exact-value.ts';
import { toRelaxedJson } from './bson/json.ts';
import { bsonForm, documentBatch, type RawDocument } from './document-batch.ts';
import { measure } from './document-limits.ts';
import { LossCounter } from './values/losses.ts';
import { encodeDocument, encoderOf, type NoteLoss } from './values/to-bson.ts';

/** Turns a row into a document; `note` is told of losses by field. */
type RowEncoder = (row: readonly unknown[], losses: LossCounter) => RawDocument;

/** Converts batches for one target. Encoders are compiled once per list of columns. */
export class DocumentEncoder {
  private readonly compiled = new WeakMap<readonly Column[], RowEncoder>();
  private readonly onLoss: 'nearest' | 'error';

  constructor(onLoss: 'nearest' | 'error') {
    this.onLoss = onLoss;
  }

  /** See `SinkWriter.encode`. */
  encode(batch: Batch): EncodedBatch {
    return batch.kind === 'rows' ? this.encodeRows(batch) : this.encodeDocuments(batch);
  }

  private encodeRows(batch: RowBatch): EncodedBatch {
    let encoder = this.compiled.get(batch.columns);
    if (!encoder) {
      encoder = compile(batch.columns);
      this.compiled.set(batch.columns, encoder);
    }
    const idAt = batch.columns.findIndex((column) => column.name === '_id');
    const idColumn = batch.columns[idAt];
    const encodeRow = encoder;
    return this.collect(
      batch.rows,
      (row, losses) => encodeRow(row, losses),
      (row) => (idColumn ? keyOfRow(row[idAt], idColumn) : null),
    );
  }

  private encodeDocuments(batch: DocumentBatch): EncodedBatch {
    const own = batch.form === bsonForm;
    return this.collect(
      batch.documents,
      (document, losses) =>
        own
          ? (document as RawDocument)
          : encodeDocument(batch.decode(document), (field) => (loss, from, to) => losses.add(field, loss, from, to)),
      () => null,
    );
  }

  private collect<Row>(
    rows: readonly Row[],
    encode: (row: Row, losses: LossCounter) => RawDocument,
    keyOf: (row: Row) => JsonValue,
  ): EncodedBatch {
    const documents: RawDocument[] = [];
    const rejected: RejectedRow[] = [];
    const losses = new LossCounter();
    let bytes = 0;
    for (const [index, row] of rows.entries()) {
      const rowLosses = this.onLoss === 'error' ? new LossCounter() : losses;
      const refuse = (code: RejectedRow['code'], message: string): void =>
        void rejected.push({ index, key: keyOf(row), code, message });
      try {
        const document = encode(row, rowLosses);
        const lost = this.onLoss === 'error' ? rowLosses.list()[0] : undefined;
        const measured = measure(document);
        if (lost) refuse('LOSS_REFUSED', `${lost.field}: ${lost.example.from} would become ${lost.example.to} (${lost.loss})`);
        else if (measured.problem) refuse('CONVERSION_FAILED', measured.problem);
        else if (idOfDocument(document) === undefined) refuse('ROW_REJECTED', 'the document has no _id');
        else {
          documents.push(document);
          bytes += measured.bytes;
        }
      } catch (error) {
        refuse(
          isPolyshiftError(error) ? error.code : 'CONVERSION_FAILED',
          error instanceof Error ? error.message : String(error),
        );
      }
    }
    return { batch: documentBatch(documents), losses: losses.list(), rejected, bytes };
  }
}

/** The encoder for rows of these columns: fields in column order, _id first. */
function compile(columns: readonly Column[]): RowEncoder {
  const order = columns
    .map((_column, index) => index)
    .sort((left, right) => Number(columns[right]!.name === '_id') - Number(columns[left]!.name === '_id'));
  const fields = order.map((index) => ({ index, name: columns[index]!.name, encode: valueEncoder(columns[index]!) }));
  // An object would move numeric names to the front, and takes `__proto__` for something else.
  const plain = columns.every(({ name }) => name !== '__proto__' && !/^\d+$/.test(name));
  return (row, losses) => {
    const document = plain ? ({} as Record<string, unknown>) : new Map<string, unknown>();
    for (const { index, name, encode } of fields) {
      const value = row[index];
      if (value === undefined) continue;
      const encoded = value === null ? null : encode(value, losses);
      if (document instanceof Map) document.set(name, encoded);
      else document[name] = encoded;
    }
    return document;
  };
}

function valueEncoder(column: Column): (raw: unknown, losses: LossCounter) => unknown {
  const { name, decode, form } = column;
  const encode = encoderOf(column.type);
  let current: LossCounter;
  const note: NoteLoss = (loss, from, to) => current.add(name, loss, from, to);
  if (form === bsonForm) {
    // MongoDB to MongoDB: the value as it is.
    return (raw) => {
      const { buffer, element } = raw as { buffer: Buffer; element: Element };
      return exactValue(buffer, element.type, element.value);
    };
  }
  const portable = form === 'portable';
  return (raw, losses) => {
    current = losses;
    const value = portable ? (raw as PortableValue) : decode(raw);
    return value === null ? null : encode(value, note);
  };
}

/** The key as JSON, for people; as text where it cannot be encoded either. */
function keyOfRow(raw: unknown, column: Column): JsonValue {
  if (raw === null || raw === undefined) return null;
  try {
    return toRelaxedJson(valueEncoder(column)(raw, new LossCounter()));
  } catch {
    return String(raw);
  }
}
