import type { Batch, Column, EncodedBatch, JsonValue, Loss, PortableDocument, RejectedRow, RowBatch } from '@polyshift/core';
import { isPolyshiftError } from '@polyshift/core';
import type { TableColumn } from '../catalog/table.ts';
import type { Raw } from '../connection.ts';
import { keyToJson } from '../source/bounds.ts';
import { rawForm, toBatchColumn } from '../source/columns.ts';
import type { Lose } from '../values/conversion.ts';
import { encoderOf } from '../values/encode.ts';

/** Turns a raw value of the source, which is neither null nor missing, into that of the target's column. */
type Write = (raw: unknown, lose: Lose) => NonNullable<Raw>;

interface CountedLoss {
  readonly field: string;
  readonly loss: string;
  count: number;
  readonly example: { readonly from: string; readonly to: string };
}

/** Converts batches into rows in the driver's form, in the order of the target's columns. Compiled once for each list of source columns. */
export class BatchEncoder {
  readonly columns: readonly TableColumn[];
  private readonly batchColumns: readonly Column[];
  private readonly key: readonly number[];
  private readonly refuseLoss: boolean;
  private readonly maxPacket: number;
  private compiledFor: readonly Column[] | undefined;
  private compiled: { position: number; write: Write | undefined }[] = [];

  /** @param maxPacket Bytes of one statement, at most: a row that is longer is rejected. */
  constructor(columns: readonly TableColumn[], key: readonly string[], refuseLoss: boolean, maxPacket: number) {
    this.columns = columns;
    this.batchColumns = columns.map(toBatchColumn);
    this.key = key.map((name) => columns.findIndex((column) => column.name === name));
    this.refuseLoss = refuseLoss;
    this.maxPacket = maxPacket;
  }

  /** Converts a batch; what does not fit is rejected, what is lost is counted. */
  encode(batch: Batch): EncodedBatch {
    return batch.kind === 'rows' ? this.encodeRows(batch) : this.encodeDocuments(batch.documents.map((raw) => batch.decode(raw)));
  }

  private encodeRows(batch: RowBatch): EncodedBatch {
    if (this.compiledFor !== batch.columns) {
      this.compiled = this.columns.map((column) => compileColumn(column, batch.columns));
      this.compiledFor = batch.columns;
    }
    const { compiled } = this;
    return this.convert(batch.rows, (row, column, lose) => {
      const { position, write } = compiled[column]!;
      const raw = row[position];
      if (raw === null) return null;
      if (raw === undefined) return missing(lose);
      return write ? write(raw, lose) : (raw as Raw);
    });
  }

  private encodeDocuments(documents: readonly PortableDocument[]): EncodedBatch {
    const names = new Set(this.columns.map((column) => column.name));
    const writers = this.columns.map((column) => encoderOf(column, { kind: 'dynamic' }));
    return this.convert(
      documents,
      (document, column, lose) => {
        const value = document.get(this.columns[column]!.name);
        if (value === null) return null;
        return value === undefined ? missing(lose) : writers[column]!(value, lose);
      },
      // A field without a column would be lost.
      (document) => [...document.keys()].find((name) => !names.has(name)),
    );
  }

  private convert<Row>(
    rows: readonly Row[],
    rawOf: (row: Row, column: number, lose: Lose) => Raw,
    unknownField?: (row: Row) => string | undefined,
  ): EncodedBatch {
    const losses = new Map<string, CountedLoss>();
    const rejected: RejectedRow[] = [];
    const written: Raw[][] = [];
    let bytes = 0;
    rows.forEach((row, index) => {
      const unknown = unknownField?.(row);
      const encoded = this.encodeRow(row, rawOf);
      if (unknown !== undefined) encoded.problem = { code: 'UNKNOWN_FIELD', message: `the target has no column ${unknown}` };
      const size = statementBytes(encoded.raws);
      if (size > this.maxPacket) {
        const message = `a row of about ${size} bytes is more than the server takes (max_allowed_packet = ${this.maxPacket})`;
        encoded.problem ??= { code: 'CONVERSION_FAILED', message };
      }
      if (encoded.problem) {
        rejected.push({ index, key: this.keyOf(row, rawOf), ...encoded.problem });
        return;
      }
      for (const each of encoded.lost) countLoss(losses, each);
      written.push(encoded.raws);
      bytes += size;
    });
    const batch: RowBatch = { kind: 'rows', columns: this.batchColumns, rows: written };
    return { batch, losses: [...losses.values()] satisfies Loss[], rejected, bytes };
  }

  private encodeRow<Row>(row: Row, rawOf: (row: Row, column: number, lose: Lose) => Raw) {
    const raws: Raw[] = [];
    const lost: { field: string; loss: string; from: string; to: string }[] = [];
    let problem: Pick<RejectedRow, 'code' | 'message'> | undefined;
    for (let column = 0; column < this.columns.length && !problem; column++) {
      const field = this.columns[column]!.name;
      try {
        raws.push(rawOf(row, column, (loss, from, to) => lost.push({ field, loss, from, to })));
      } catch (error) {
        if (!isPolyshiftError(error)) throw error;
        problem = { code: error.code, message: `${field}: ${error.message}` };
      }
    }
    // That a field is null where it was missing is a difference of the stores, not of the value.
    const serious = lost.find(({ loss }) => loss !== 'missing_to_null');
    if (!problem && this.refuseLoss && serious) {
      const { field, from, to, loss } = serious;
      problem = { code: 'LOSS_REFUSED', message: `${field}: ${from} would become ${to} (${loss})` };
    }
    return { raws, lost, problem };
  }

  /** The key of a row that was given up half-way; what of it does not convert is null. */
  private keyOf<Row>(row: Row, rawOf: (row: Row, column: number, lose: Lose) => Raw): JsonValue {
    const parts = this.key.map((position) => {
      try {
        return rawOf(row, position, () => {});
      } catch {
        return null;
      }
    });
    return keyToJson(parts);
  }
}

/** Bytes of a row in a statement, about: bytes are written as two digits each, texts are counted as if every character were one byte. */
function statementBytes(raws: readonly Raw[]): number {
  let bytes = 0;
  for (const raw of raws) bytes += typeof raw === 'string' ? raw.length + 2 : Buffer.isBuffer(raw) ? raw.length * 2 + 3 : 8;
  return bytes;
}

function missing(lose: Lose): null {
  lose('missing_to_null', 'missing', 'null');
  return null;
}

function compileColumn(target: TableColumn, source: readonly Column[]): { position: number; write: Write | undefined } {
  const position = source.findIndex((column) => column.name === target.name);
  const column = source[position];
  // A column of the table that the batches do not have stays at its default, and is not among the columns written.
  if (!column) return { position, write: undefined };
  if (column.form === rawForm && column.native === target.native && column.type.kind === target.type.kind)
    return { position, write: undefined };
  const encode = encoderOf(target, column.type);
  return { position, write: (raw, lose) => encode(column.decode(raw), lose) };
}

function countLoss(
  losses: Map<string, CountedLoss>,
  { field, loss, from, to }: { field: string; loss: string; from: string; to: string },
): void {
  const key = `${field}\0${loss}`;
  const known = losses.get(key);
  if (known) known.count++;
  else losses.set(key, { field, loss, count: 1, example: { from, to } });
}
