import type { KeyedRow, RowEncoder } from '@polyshift/adapter-kit';
import type {
  Batch,
  Column,
  EncodedBatch,
  PortableDocument,
  PortableType,
  PortableValue,
  RowBatch,
  SinkTarget,
} from '@polyshift/core';
import { type ColumnDefinition, columnOf, type Table } from './catalog/table.ts';
import { type EncodedRows, type EncodeValue, encodeRows, type Problem } from './encode-rows.ts';
import { isNothing } from './rows/codec.ts';
import { keyOfRow } from './rows/row-key.ts';
import { batchColumn, cqlForm } from './source.ts';
import type { Lose } from './values/losses.ts';
import { toBytes } from './values/to-bytes.ts';

/** Turns batches into rows of a table, of at most so many bytes; without I/O. */
export function tableEncoder(table: Table, target: SinkTarget, rowBytes: number): RowEncoder<Buffer> {
  const columns = targetColumns(table, target);
  const batchColumns = columns.map(batchColumn);
  let compiledFor: readonly Column[] | undefined;
  let encodeRow: EncodeValue<readonly unknown[]> | undefined;

  const plan = { columns, refuseLoss: target.on_loss === 'error', rowBytes };
  const asBatch = (rows: EncodedRows['rows']): RowBatch => ({ kind: 'rows', columns: batchColumns, rows });
  const encoded = ({ rows, ...rest }: EncodedRows): EncodedBatch => ({ batch: asBatch(rows), ...rest });

  return {
    encode(batch) {
      if (batch.kind === 'documents') {
        const documents = batch.documents.map((raw) => batch.decode(raw));
        return encoded(encodeRows(plan, documents, encodeField, (document) => unknownField(table, document)));
      }
      if (!encodeRow || compiledFor !== batch.columns) {
        encodeRow = compileColumns(columns, batch.columns);
        compiledFor = batch.columns;
      }
      return encoded(encodeRows(plan, batch.rows, encodeRow));
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

function compileColumns(columns: readonly ColumnDefinition[], from: readonly Column[]): EncodeValue<readonly unknown[]> {
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
