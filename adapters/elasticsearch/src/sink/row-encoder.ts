import type { KeyedRow, RowEncoder } from '@polyshift/adapter-kit';
import {
  type Batch,
  type Column,
  type EncodedBatch,
  isPolyshiftError,
  type JsonValue,
  type PortableType,
  type PortableValue,
  type RejectedRow,
  type SinkTarget,
} from '@polyshift/core';
import { maxDocumentBytes } from '../documents/bulk.ts';
import { StoredDocument } from '../documents/document.ts';
import { documentBatch, documentForm, type RawValue } from '../documents/document-batch.ts';
import type { JsonFields, JsonNode } from '../json/node.ts';
import { nativeForValues } from '../mapping/field-types.ts';
import type { CollectionTypes } from '../mapping/mapping-cache.ts';
import { documentOfRow, type RawField, rowOf } from '../rows/raw-field.ts';
import { keyOf } from '../rows/row-store.ts';
import { encodeValue } from '../values/encode.ts';
import { LossCounter } from '../values/losses.ts';
import { documentId } from './document-id.ts';

const dynamic: PortableType = { kind: 'dynamic' };

/** A field of a row, compiled for one column. */
interface FieldEncoder {
  readonly position: number;
  readonly name: string;
  encode(raw: unknown, losses: LossCounter): JsonNode;
}

/** Turns batches into documents of one target. */
export class DocumentEncoder implements RowEncoder<RawField> {
  private readonly target: SinkTarget;
  private readonly types: CollectionTypes;
  private readonly compiled = new WeakMap<readonly Column[], FieldEncoder[]>();

  constructor(target: SinkTarget, types: CollectionTypes) {
    this.target = target;
    this.types = types;
  }

  /** See `SinkWriter.encode`. */
  encode(batch: Batch): EncodedBatch {
    if (batch.kind === 'rows') {
      let fields = this.compiled.get(batch.columns);
      if (!fields) {
        fields = batch.columns.map((column, position) => this.compile(column, position));
        this.compiled.set(batch.columns, fields);
      }
      const encoders = fields;
      return this.collect(batch.rows, (row, losses) => this.documentOf(fieldsOfRow(encoders, row, losses)));
    }
    if (batch.form === documentForm && this.sameKey(batch)) {
      return this.collect(batch.documents as readonly StoredDocument[], (document) => document);
    }
    return this.collect(batch.documents, (raw, losses) => this.documentOf(this.fieldsOfDocument(batch.decode(raw), losses)));
  }

  /** The rows of a batch that encode has given. */
  rowsOf(batch: Batch): readonly KeyedRow<RawField>[] {
    if (batch.kind !== 'documents') return [];
    return (batch.documents as readonly StoredDocument[]).map((document) => ({
      key: document.routing === undefined ? document.id : [document.id, document.routing],
      row: rowOf(document, this.hasOwnId),
    }));
  }

  /** Rows as a batch. */
  batchOf(rows: readonly KeyedRow<RawField>[]): Batch {
    const documents = rows.map(({ key, row }) => {
      const { id, routing } = keyOf(key);
      return documentOfRow(id, routing, row);
    });
    return documentBatch(this.types, documents);
  }

  private get hasOwnId(): boolean {
    return this.target.key[0] === '_id';
  }

  /** Documents of Elasticsearch keep their ids where both sides go by them. */
  private sameKey(batch: Batch): boolean {
    return batch.kind === 'documents' && this.hasOwnId && batch.get(batch.documents[0], '_id') !== undefined;
  }

  private compile(column: Column, position: number): FieldEncoder {
    const { name, type, form, decode } = column;
    const known = this.types.fields.get(name);
    const counted = (losses: LossCounter) => (loss: Parameters<LossCounter['add']>[1], from: string, to: string) =>
      losses.add(name, loss, from, to);
    if (form === documentForm) return { position, name, encode: (raw) => (raw as RawValue).node };
    const portable = form === 'portable';
    return {
      position,
      name,
      encode: (raw, losses) =>
        encodeValue(type, portable ? (raw as PortableValue) : decode(raw), counted(losses), nativeForValues(known)),
    };
  }

  private fieldsOfDocument(document: ReadonlyMap<string, PortableValue>, losses: LossCounter): JsonFields {
    const fields: JsonFields = new Map();
    for (const [name, value] of document) {
      const native = nativeForValues(this.types.fields.get(name));
      fields.set(
        name,
        encodeValue(dynamic, value, (loss, from, to) => losses.add(name, loss, from, to), native),
      );
    }
    return fields;
  }

  private documentOf(fields: JsonFields): StoredDocument {
    const { key } = this.target;
    const id = documentId(
      key,
      key.map((name) => fields.get(name)),
    );
    // Elasticsearch refuses documents that have an _id inside of them.
    fields.delete('_id');
    return StoredDocument.of(id, fields);
  }

  private collect<Row>(rows: readonly Row[], encode: (row: Row, losses: LossCounter) => StoredDocument): EncodedBatch {
    const strict = this.target.on_loss === 'error';
    const documents: StoredDocument[] = [];
    const rejected: RejectedRow[] = [];
    const losses = new LossCounter();
    let bytes = 0;
    for (const [index, row] of rows.entries()) {
      const own = strict ? new LossCounter() : losses;
      try {
        const document = encode(row, own);
        const lost = strict ? own.list()[0] : undefined;
        const refuse = (code: RejectedRow['code'], message: string): void =>
          void rejected.push({ index, key: document.id, code, message });
        if (lost) refuse('LOSS_REFUSED', `${lost.field}: ${lost.example.from} would become ${lost.example.to} (${lost.loss})`);
        else if (document.text.length * 3 > maxDocumentBytes && Buffer.byteLength(document.text) > maxDocumentBytes)
          refuse('CONVERSION_FAILED', `the document has more than ${maxDocumentBytes} bytes`);
        else {
          documents.push(document);
          bytes += document.text.length;
        }
      } catch (error) {
        rejected.push({
          index,
          key: this.keyOf(row),
          code: isPolyshiftError(error) ? error.code : 'CONVERSION_FAILED',
          message: (error as Error).message,
        });
      }
    }
    return { batch: documentBatch(this.types, documents), losses: losses.list(), rejected, bytes };
  }

  /** The key of a row that could not be encoded, for people. */
  private keyOf(row: unknown): JsonValue {
    if (!Array.isArray(row)) return null;
    const values = this.target.key.map((name) => row[this.target.columns.findIndex((column) => column.name === name)] as unknown);
    return values.map((value) => (value === null || value === undefined ? null : String(value))).join(',');
  }
}

function fieldsOfRow(encoders: readonly FieldEncoder[], row: readonly unknown[], losses: LossCounter): JsonFields {
  const fields: JsonFields = new Map();
  for (const { position, name, encode } of encoders) {
    const raw = row[position];
    if (raw !== undefined) fields.set(name, raw === null ? null : encode(raw, losses));
  }
  return fields;
}
