import type {
  Batch,
  Column,
  EncodedBatch,
  ErrorCode,
  JsonValue,
  Loss,
  PortableDocument,
  RejectedRow,
  RowBatch,
} from '@polyshift/core';
import { isPolyshiftError } from '@polyshift/core';
import type { TableColumn } from '../catalog/table.ts';
import { rawForm, toBatchColumn } from '../source/columns.ts';
import type { Lose } from '../values/conversion.ts';
import { encoderOf } from '../values/encode.ts';

/** Turns a raw value, which is neither null nor missing, into the text of the target's column. */
type Write = (raw: unknown, lose: Lose) => string;

/** Converts batches into rows of texts in the order of the target's columns. Compiled once for each list of source columns. */
export class BatchEncoder {
  readonly columns: readonly TableColumn[];
  private readonly batchColumns: readonly Column[];
  private readonly key: readonly number[];
  private readonly refuseLoss: boolean;
  private compiledFor: readonly Column[] | undefined;
  private compiled: { position: number; write: Write | undefined }[] = [];

  constructor(columns: readonly TableColumn[], key: readonly string[], refuseLoss: boolean) {
    this.columns = columns;
    this.batchColumns = columns.map(toBatchColumn);
    this.key = key.map((name) => columns.findIndex((column) => column.name === name));
    this.refuseLoss = refuseLoss;
  }

  encode(batch: Batch): EncodedBatch {
    return batch.kind === 'rows' ? this.encodeRows(batch) : this.encodeDocuments(batch.documents.map((raw) => batch.decode(raw)));
  }

  private encodeRows(batch: RowBatch): EncodedBatch {
    if (this.compiledFor !== batch.columns) {
      this.compiled = this.columns.map((column) => compileColumn(column, batch.columns));
      this.compiledFor = batch.columns;
    }
    const { compiled } = this;
    const asTheyAre =
      compiled.length === batch.columns.length && compiled.every(({ position, write }, index) => !write && position === index);
    if (asTheyAre) {
      return { batch: { ...batch, columns: this.batchColumns }, losses: [], rejected: [], bytes: sampleBytes(batch.rows) };
    }
    return this.convert(batch.rows, (row, column, lose) => {
      const { position, write } = compiled[column]!;
      const raw = row[position];
      if (raw === null) return null;
      if (raw === undefined) {
        lose('missing_to_null', 'missing', 'null');
        return null;
      }
      return write ? write(raw, lose) : (raw as string);
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
        if (value === undefined) {
          lose('missing_to_null', 'missing', 'null');
          return null;
        }
        return writers[column]!(value, lose);
      },
      (document) => {
        // A field without a column would be lost.
        for (const name of document.keys())
          if (!names.has(name)) return { code: 'UNKNOWN_FIELD', message: `the target has no column ${name}` };
        return undefined;
      },
    );
  }

  private convert<Row>(
    rows: readonly Row[],
    textOf: (row: Row, column: number, lose: Lose) => string | null,
    refuse?: (row: Row) => { code: ErrorCode; message: string } | undefined,
  ): EncodedBatch {
    const losses = new Map<string, { field: string; loss: string; count: number; example: { from: string; to: string } }>();
    const rejected: RejectedRow[] = [];
    const texts: (string | null)[][] = [];
    let bytes = 0;
    rows.forEach((row, index) => {
      const refused = refuse?.(row);
      const written: (string | null)[] = [];
      const lost: { field: string; loss: string; from: string; to: string }[] = [];
      let problem = refused;
      for (let column = 0; column < this.columns.length && !problem; column++) {
        const field = this.columns[column]!.name;
        try {
          const text = textOf(row, column, (loss, from, to) => lost.push({ field, loss, from, to }));
          written.push(text);
          if (text !== null) bytes += text.length;
        } catch (error) {
          if (!isPolyshiftError(error)) throw error;
          problem = { code: error.code, message: `${field}: ${error.message}` };
        }
      }
      // That a field is null where it was missing is a difference of the stores, not of the value.
      const serious = lost.find(({ loss }) => loss !== 'missing_to_null');
      if (!problem && this.refuseLoss && serious) {
        problem = {
          code: 'LOSS_REFUSED',
          message: `${serious.field}: ${serious.from} would become ${serious.to} (${serious.loss})`,
        };
      }
      if (problem) {
        rejected.push({
          index,
          key: this.keyOf(written, (column) => textOf(row, column, () => {})),
          code: problem.code,
          message: problem.message,
        });
        return;
      }
      for (const each of lost) countLoss(losses, each);
      texts.push(written);
    });
    return {
      batch: { kind: 'rows', columns: this.batchColumns, rows: texts },
      losses: [...losses.values()] satisfies Loss[],
      rejected,
      bytes,
    };
  }

  /** The key of a row that was given up half-way; what of it does not convert is null. */
  private keyOf(written: readonly (string | null)[], textOf: (column: number) => string | null): JsonValue {
    return this.key.map((position) => {
      if (position < written.length) return written[position]!;
      try {
        return textOf(position);
      } catch {
        return null;
      }
    });
  }
}

function compileColumn(target: TableColumn, source: readonly Column[]): { position: number; write: Write | undefined } {
  const position = source.findIndex((column) => column.name === target.name);
  const column = source[position];
  // A column of the table that the batches do not have stays at its default, and is not among the columns written.
  if (!column) return { position, write: undefined };
  if (column.form === rawForm && column.native === target.native) return { position, write: undefined };
  const encode = encoderOf(target, column.type);
  return { position, write: (raw, lose) => encode(column.decode(raw), lose) };
}

function countLoss(
  losses: Map<string, { field: string; loss: string; count: number; example: { from: string; to: string } }>,
  { field, loss, from, to }: { field: string; loss: string; from: string; to: string },
): void {
  const key = `${field}\0${loss}`;
  const known = losses.get(key);
  if (known) known.count++;
  else losses.set(key, { field, loss, count: 1, example: { from, to } });
}

function sampleBytes(rows: readonly (readonly unknown[])[]): number {
  const size = Math.min(rows.length, 20);
  if (size === 0) return 0;
  let bytes = 0;
  for (let index = 0; index < size; index++) {
    for (const value of rows[Math.floor((index * rows.length) / size)]!)
      bytes += typeof value === 'string' ? value.length + 1 : 3;
  }
  return Math.ceil((bytes / size) * rows.length);
}
