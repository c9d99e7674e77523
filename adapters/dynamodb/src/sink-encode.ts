import type { KeyedRow, RowEncoder } from '@polyshift/adapter-kit';
import {
  type Batch,
  type Column,
  type DocumentBatch,
  type EncodedBatch,
  isPolyshiftError,
  ownValue,
  type PortableValue,
  type RejectedRow,
  type RowBatch,
} from '@polyshift/core';
import { itemBatch, itemForm } from './document-batch.ts';
import { keyOfItem, keyProblem, keySizeProblem } from './rows/key.ts';
import { keyOfFirst } from './sink-waiting.ts';
import type { KeySchema } from './tables/definition.ts';
import type { AttributeValue, Item } from './values/attribute.ts';
import { attributeToJson } from './values/json.ts';
import { LossCounter, type NoteLoss } from './values/losses.ts';
import { measureItem } from './values/size.ts';
import { encoderOf, itemOf } from './values/to-attribute.ts';

/** What the items of a target must be like. */
export interface ItemTarget {
  /** Undefined where the table waits for its first item, whose key has the types then. */
  readonly key: KeySchema | undefined;
  /** The fields of the key. */
  readonly fields: readonly string[];
  readonly on_loss: 'nearest' | 'error';
  /** Whether attributes that are null are left out of items. */
  readonly omit_nulls: boolean;
}

/** Converts batches into items of one target. Encoders are compiled once per list of columns. */
export class ItemEncoder implements RowEncoder<AttributeValue> {
  private readonly compiled = new WeakMap<readonly Column[], (row: readonly unknown[], losses: LossCounter) => Item>();
  private readonly target: ItemTarget;
  private key: KeySchema | undefined;

  constructor(target: ItemTarget) {
    this.target = target;
    this.key = target.key;
  }

  /** See `SinkWriter.encode`. */
  encode(batch: Batch): EncodedBatch {
    return batch.kind === 'rows' ? this.encodeRows(batch) : this.encodeDocuments(batch);
  }

  /** See {@link RowEncoder}. */
  rowsOf(batch: Batch): readonly KeyedRow<AttributeValue>[] {
    return ((batch as DocumentBatch).documents as readonly Item[]).map((item) => ({
      key: keyOfItem(this.keyFor(item), item),
      row: new Map(Object.entries(item)),
    }));
  }

  /** See {@link RowEncoder}. */
  batchOf(rows: readonly KeyedRow<AttributeValue>[]): Batch {
    return itemBatch(rows.map(({ row }) => Object.fromEntries(row)));
  }

  private encodeRows({ columns, rows }: RowBatch): EncodedBatch {
    let encode = this.compiled.get(columns);
    if (!encode) {
      encode = compile(columns);
      this.compiled.set(columns, encode);
    }
    return this.collect(rows, encode);
  }

  private encodeDocuments(batch: DocumentBatch): EncodedBatch {
    const own = batch.form === itemForm;
    return this.collect(batch.documents, (document, losses) =>
      own ? (document as Item) : itemOf(batch.decode(document), (field) => noteOf(losses, field)),
    );
  }

  private collect<Row>(rows: readonly Row[], encode: (row: Row, losses: LossCounter) => Item): EncodedBatch {
    const strict = this.target.on_loss === 'error';
    const items: Item[] = [];
    const rejected: RejectedRow[] = [];
    const losses = new LossCounter();
    let bytes = 0;
    for (const [index, row] of rows.entries()) {
      const rowLosses = strict ? new LossCounter() : losses;
      let item: Item = {};
      const refuse = (code: RejectedRow['code'], message: string): void =>
        void rejected.push({ index, key: shownKey(this.target.fields, item), code, message });
      try {
        item = this.withoutNulls(encode(row, rowLosses));
        const [lost] = strict ? rowLosses.list() : [];
        const problem = this.keyProblem(item);
        const measured = measureItem(item);
        if (lost) refuse('LOSS_REFUSED', `${lost.field}: ${lost.example.from} would become ${lost.example.to} (${lost.loss})`);
        else if (problem) refuse('ROW_REJECTED', problem);
        else if (measured.problem) refuse('CONVERSION_FAILED', measured.problem);
        else {
          items.push(item);
          bytes += measured.bytes;
        }
      } catch (error) {
        refuse(isPolyshiftError(error) ? error.code : 'CONVERSION_FAILED', (error as Error).message);
      }
    }
    return { batch: itemBatch(items), losses: losses.list(), rejected, bytes };
  }

  /** The key of the table; of one that waits, as the first item that has one shows it. */
  private keyFor(item: Item): KeySchema {
    this.key ??= keyOfFirst(this.target.fields, item);
    return this.key ?? this.target.fields.map((field) => ({ field, type: 'S' }));
  }

  private keyProblem(item: Item): string | undefined {
    const key = this.keyFor(item);
    for (const part of key) {
      const problem = keyProblem(part, ownValue(item, part.field));
      if (problem) return problem;
    }
    return keySizeProblem(key, item);
  }

  private withoutNulls(item: Item): Item {
    if (!this.target.omit_nulls) return item;
    return Object.fromEntries(Object.entries(item).filter(([, value]) => !value.NULL));
  }
}

function compile(columns: readonly Column[]): (row: readonly unknown[], losses: LossCounter) => Item {
  const encoders = columns.map((column) => ({ name: column.name, encode: columnEncoder(column) }));
  return (row, losses) =>
    Object.fromEntries(
      encoders.flatMap(({ name, encode }, position): [string, AttributeValue][] => {
        const raw = row[position];
        return raw === undefined ? [] : [[name, raw === null ? { NULL: true } : encode(raw, noteOf(losses, name))]];
      }),
    );
}

function columnEncoder({ type, form, decode }: Column): (raw: unknown, note: NoteLoss) => AttributeValue {
  // DynamoDB to DynamoDB: the value as it is.
  if (form === itemForm) return (raw) => raw as AttributeValue;
  const encode = encoderOf(type);
  return (raw, note) => {
    const value: PortableValue = decode(raw);
    return value === null ? { NULL: true } : encode(value, note);
  };
}

function noteOf(losses: LossCounter, field: string): NoteLoss {
  return (loss, from, to) => losses.add(field, loss, from, to);
}

/** The key as JSON, for people, as far as there is one. */
function shownKey(fields: readonly string[], item: Item): RejectedRow['key'] {
  return fields.map((field) => {
    const value = ownValue(item, field);
    if (value === undefined) return null;
    return value.S ?? value.N ?? attributeToJson(value);
  });
}
