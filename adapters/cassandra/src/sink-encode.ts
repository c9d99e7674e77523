import type { KeyedRow, RowEncoder } from '@polyshift/adapter-kit';
import {
  type Batch,
  type Column,
  ConversionError,
  type EncodedBatch,
  type ErrorCode,
  type JsonValue,
  type Loss,
  type PortableDocument,
  type PortableType,
  type PortableValue,
  type RejectedRow,
  type RowBatch,
  type SinkTarget,
} from '@polyshift/core';
import { type ColumnDefinition, columnOf, type Table } from './catalog/table.ts';
import { isNothing } from './rows/codec.ts';
import { keyOfRow } from './rows/row-key.ts';
import { batchColumn, cqlForm } from './source.ts';
import type { Lose, LossName } from './values/losses.ts';
import { toBytes } from './values/to-bytes.ts';

/** Gives the bytes of one column of one row; null where there is no value. */
type Encode<Row> = (row: Row, column: ColumnDefinition, lose: Lose) => Buffer | null;

/** Why a row is not encoded. */
interface Problem {
  readonly code: ErrorCode;
  readonly message: string;
}

/** Turns batches into rows of a table; without I/O. */
export function tableEncoder(table: Table, target: SinkTarget): RowEncoder<Buffer> {
  const columns = targetColumns(table, target);
  const batchColumns = columns.map(batchColumn);
  let compiledFor: readonly Column[] | undefined;
  let encodeRow: Encode<readonly unknown[]> | undefined;

  const asBatch = (rows: readonly (readonly (Buffer | null)[])[]): RowBatch => ({ kind: 'rows', columns: batchColumns, rows });

  return {
    encode(batch) {
      if (batch.kind === 'documents') {
        return convert(
          target,
          columns,
          asBatch,
          batch.documents.map((raw) => batch.decode(raw)),
          encodeField,
          (document) => unknownField(table, document),
        );
      }
      if (!encodeRow || compiledFor !== batch.columns) {
        encodeRow = compileColumns(columns, batch.columns);
        compiledFor = batch.columns;
      }
      return convert(target, columns, asBatch, batch.rows, encodeRow);
    },

    rowsOf(batch: Batch): KeyedRow<Buffer>[] {
      return (batch as RowBatch).rows.map((values) => {
        const row = new Map<string, Buffer>();
        for (const [index, column] of columns.entries()) {
          const bytes = values[index] as Buffer | null;
          if (bytes !== null) row.set(column.name, bytes);
        }
        return { key: keyOfRow(table, row), row };
      });
    },

    batchOf: (rows) => asBatch(rows.map(({ row }) => columns.map(({ name }) => row.get(name) ?? null))),
  };
}

/** The columns that a load fills, in the order of the table: those of the rows, or all for documents. */
export function targetColumns(table: Table, target: SinkTarget): readonly ColumnDefinition[] {
  if (target.dynamic && target.columns.length === 0) return table.columns.filter(({ kind }) => kind !== 'static');
  return table.columns.filter(({ name }) => target.columns.some((column) => column.name === name));
}

function compileColumns(columns: readonly ColumnDefinition[], from: readonly Column[]): Encode<readonly unknown[]> {
  const sources = new Map(
    columns.map(({ name, type }) => {
      const position = from.findIndex((column) => column.name === name);
      const source = from[position];
      const isSame = source?.form === cqlForm && source.native === type.text;
      return [name, { position, source, isSame }] as const;
    }),
  );
  return (row, column, lose) => {
    const { position, source, isSame } = sources.get(column.name)!;
    const raw = row[position];
    if (raw === null || raw === undefined || !source) return null;
    if (isSame) return raw as Buffer;
    return encodeValue(column, source.type, source.decode(raw), lose);
  };
}

function encodeField(document: PortableDocument, column: ColumnDefinition, lose: Lose): Buffer | null {
  return encodeValue(column, { kind: 'dynamic' }, document.get(column.name) ?? null, lose);
}

function encodeValue(column: ColumnDefinition, type: PortableType, value: PortableValue, lose: Lose): Buffer | null {
  if (value === null) return null;
  const bytes = toBytes(column.type, type, value, lose);
  if (!isNothing(column.type, bytes)) return bytes;
  lose('empty_collection', 'an empty collection', 'null');
  return null;
}

function unknownField(table: Table, document: PortableDocument): Problem | undefined {
  const name = [...document.keys()].find((field) => !columnOf(table, field));
  return name === undefined ? undefined : { code: 'UNKNOWN_FIELD', message: `${table.name} has no column ${name}` };
}

function convert<Row>(
  target: SinkTarget,
  columns: readonly ColumnDefinition[],
  asBatch: (rows: readonly (readonly (Buffer | null)[])[]) => RowBatch,
  rows: readonly Row[],
  encode: Encode<Row>,
  refuse?: (row: Row) => Problem | undefined,
): EncodedBatch {
  const losses = new Map<string, { field: string; loss: LossName; count: number; example: { from: string; to: string } }>();
  const rejected: RejectedRow[] = [];
  const written: (Buffer | null)[][] = [];
  let bytes = 0;
  for (const [index, row] of rows.entries()) {
    const lost: { field: string; loss: LossName; from: string; to: string }[] = [];
    const values: (Buffer | null)[] = [];
    let problem = refuse?.(row);
    for (const column of columns) {
      if (problem) break;
      try {
        const value = encode(row, column, (loss, from, to) => lost.push({ field: column.name, loss, from, to }));
        if (value === null && (column.kind === 'partition_key' || column.kind === 'clustering'))
          problem = { code: 'CONSTRAINT_VIOLATED', message: `${column.name} is part of the key and has no value` };
        values.push(value);
        bytes += value?.length ?? 0;
      } catch (error) {
        if (!(error instanceof ConversionError)) throw error;
        problem = { code: error.code, message: `${column.name}: ${error.message}` };
      }
    }
    const [first] = lost;
    if (!problem && first && target.on_loss === 'error')
      problem = { code: 'LOSS_REFUSED', message: `${first.field}: ${first.from} would become ${first.to} (${first.loss})` };
    if (problem) rejected.push({ index, key: keyForPeople(columns, values), ...problem });
    else {
      for (const each of lost) count(losses, each);
      written.push(values);
    }
  }
  return { batch: asBatch(written), losses: [...losses.values()] satisfies Loss[], rejected, bytes };
}

/** The key of a row that was given up half-way, as far as it was encoded. */
function keyForPeople(columns: readonly ColumnDefinition[], values: readonly (Buffer | null)[]): JsonValue {
  const row = new Map<string, Buffer>();
  for (const [index, value] of values.entries()) if (value !== null) row.set(columns[index]!.name, value);
  const key = columns.filter(({ kind }) => kind === 'partition_key' || kind === 'clustering');
  return keyOfRow({ partitionKey: key, clusteringKey: [] }, row);
}

function count(
  losses: Map<string, { field: string; loss: LossName; count: number; example: { from: string; to: string } }>,
  { field, loss, from, to }: { field: string; loss: LossName; from: string; to: string },
): void {
  const known = losses.get(`${field}\0${loss}`);
  if (known) known.count++;
  else losses.set(`${field}\0${loss}`, { field, loss, count: 1, example: { from, to } });
}
