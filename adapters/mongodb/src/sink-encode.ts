import {
  type Batch,
  type Column,
  type DocumentBatch,
  type EncodedBatch,
  isPolyshiftError,
  type JsonValue,
  PolyshiftError,
  type PortableDocument,
  type PortableValue,
  type RejectedRow,
  type RowBatch,
} from '@polyshift/core';
import { findElement } from './bson/element.ts';
import { exactValue } from './bson/exact-value.ts';
import { toRelaxedJson } from './bson/json.ts';
import { BsonWriter, nameOf } from './bson/writer.ts';
import { bsonForm, documentBatch, type RawValue } from './document-batch.ts';
import { LossCounter } from './values/losses.ts';
import { encoderOf, type NoteLoss } from './values/to-bson.ts';
import { writeDocument, writerOf } from './values/write-value.ts';

/** Bytes of a document, at most. */
const maxDocumentBytes = 16_777_216;

/** Writes a row as the fields of the document that is begun; `losses` is told of losses by field. */
type RowWriter = (row: readonly unknown[], losses: LossCounter) => void;

/** Converts batches for one target into the bytes that the server takes. Writers are compiled once per list of columns. */
export class DocumentEncoder {
  private readonly compiled = new WeakMap<readonly Column[], RowWriter>();
  private readonly writer = new BsonWriter();
  private readonly onLoss: 'nearest' | 'error';

  constructor(onLoss: 'nearest' | 'error') {
    this.onLoss = onLoss;
  }

  /** See `SinkWriter.encode`. */
  encode(batch: Batch): EncodedBatch {
    return batch.kind === 'rows' ? this.encodeRows(batch) : this.encodeDocuments(batch);
  }

  private encodeRows(batch: RowBatch): EncodedBatch {
    const { writer } = this;
    let compiled = this.compiled.get(batch.columns);
    if (!compiled) {
      compiled = compile(batch.columns, writer);
      this.compiled.set(batch.columns, compiled);
    }
    const idAt = batch.columns.findIndex((column) => column.name === '_id');
    const idColumn = batch.columns[idAt];
    const write = compiled;
    return this.collect(
      batch.rows,
      (row, losses) => {
        if (row[idAt] === undefined) throw withoutId();
        writer.begin();
        write(row, losses);
        return writer.end();
      },
      (row) => (idColumn ? keyOfRow(row[idAt], idColumn) : null),
    );
  }

  private encodeDocuments(batch: DocumentBatch): EncodedBatch {
    const { writer } = this;
    const own = batch.form === bsonForm;
    return this.collect(
      batch.documents,
      (document, losses) => {
        if (own) {
          if (!findElement(document as Buffer, '_id')) throw withoutId();
          return document as Buffer;
        }
        const portable = batch.decode(document);
        if (!portable.has('_id')) throw withoutId();
        writer.begin();
        writeDocument(writer, idFirst(portable), (field) => (loss, from, to) => losses.add(field, loss, from, to));
        return writer.end();
      },
      () => null,
    );
  }

  private collect<Row>(
    rows: readonly Row[],
    encode: (row: Row, losses: LossCounter) => Buffer,
    keyOf: (row: Row) => JsonValue,
  ): EncodedBatch {
    const documents: Buffer[] = [];
    const rejected: RejectedRow[] = [];
    const losses = new LossCounter();
    const strict = this.onLoss === 'error';
    let bytes = 0;
    for (let index = 0; index < rows.length; index++) {
      const row = rows[index]!;
      try {
        const rowLosses = strict ? new LossCounter() : losses;
        const document = encode(row, rowLosses);
        const problem = refusalOf(document, strict ? rowLosses : undefined);
        if (problem) rejected.push({ index, key: keyOf(row), ...problem });
        else {
          documents.push(document);
          bytes += document.length;
        }
      } catch (error) {
        rejected.push({
          index,
          key: keyOf(row),
          code: isPolyshiftError(error) ? error.code : 'CONVERSION_FAILED',
          message: error instanceof Error ? error.message : String(error),
        });
      }
    }
    return { batch: documentBatch(documents), losses: losses.list(), rejected, bytes };
  }
}

/** Why a document cannot be written, where it cannot. */
function refusalOf(document: Buffer, losses: LossCounter | undefined): Pick<RejectedRow, 'code' | 'message'> | undefined {
  const lost = losses?.list()[0];
  if (lost) {
    const message = `${lost.field}: ${lost.example.from} would become ${lost.example.to} (${lost.loss})`;
    return { code: 'LOSS_REFUSED', message };
  }
  if (document.length > maxDocumentBytes) {
    return { code: 'CONVERSION_FAILED', message: `larger than the ${maxDocumentBytes} bytes that a document may have` };
  }
  return undefined;
}

function withoutId(): PolyshiftError {
  return new PolyshiftError('ROW_REJECTED', 'the document has no _id');
}

/** The document with its _id in front, where the server would move it. */
function idFirst(document: PortableDocument): PortableDocument {
  const id = document.get('_id');
  if (id === undefined || document.keys().next().value === '_id') return document;
  return new Map([['_id', id], ...[...document].filter(([name]) => name !== '_id')]);
}

/** The writer for rows of these columns: fields in column order, _id first. */
function compile(columns: readonly Column[], writer: BsonWriter): RowWriter {
  const order = columns
    .map((_column, index) => index)
    .sort((left, right) => Number(columns[right]!.name === '_id') - Number(columns[left]!.name === '_id'));
  const refused = columns.find(({ name }) => name.includes('\0'));
  // Each row is refused by itself, whatever is in it.
  if (refused) return () => void nameOf(refused.name);
  const fields = order.map((index) => ({
    index,
    name: nameOf(columns[index]!.name),
    write: valueWriter(columns[index]!, writer),
  }));
  return (row, losses) => {
    for (let position = 0; position < fields.length; position++) {
      const { index, name, write } = fields[position]!;
      const value = row[index];
      if (value === undefined) continue;
      writer.nameBytes(name);
      if (value === null) writer.null();
      else write(value, losses);
    }
  };
}

function valueWriter(column: Column, writer: BsonWriter): (raw: unknown, losses: LossCounter) => void {
  const { name, decode, form } = column;
  if (form === bsonForm) {
    // MongoDB to MongoDB: the value as it is.
    return (raw) => {
      const { buffer, element } = raw as RawValue;
      writer.value(element.type, buffer.subarray(element.value, element.end));
    };
  }
  const write = writerOf(column.type);
  let current: LossCounter;
  const note: NoteLoss = (loss, from, to) => current.add(name, loss, from, to);
  const portable = form === 'portable';
  return (raw, losses) => {
    current = losses;
    const value = portable ? (raw as PortableValue) : decode(raw);
    if (value === null) writer.null();
    else write(writer, value, note);
  };
}

/** The key as JSON, for people; as text where it cannot be encoded either. */
function keyOfRow(raw: unknown, { decode, form, type }: Column): JsonValue {
  if (raw === null || raw === undefined) return null;
  try {
    if (form === bsonForm) {
      const { buffer, element } = raw as RawValue;
      return toRelaxedJson(exactValue(buffer, element.type, element.value));
    }
    const value = decode(raw);
    return value === null ? null : toRelaxedJson(encoderOf(type)(value, () => undefined));
  } catch {
    return String(raw);
  }
}
