import type { FieldEdit, RawRow, RowCodec } from '@polyshift/adapter-kit';
import {
  ConversionError,
  type JsonValue,
  PolyshiftError,
  type PortableDocument,
  type PortableType,
  type PortableValue,
  toDynamic,
} from '@polyshift/core';
import { columnOf, openedTable, type Table } from '../catalog/table.ts';
import { refuseUnknown } from '../conditions.ts';
import type { Store } from '../store.ts';
import { type CqlType, isMultiCell } from '../values/cql-type.ts';
import { fromBytes } from '../values/from-bytes.ts';
import { portableOf } from '../values/portable-of.ts';
import { toBytes } from '../values/to-bytes.ts';

/** Rows whose raw values are the bytes of the store's own form; a column without a value is not in the row. */
export function rowCodec(store: Store): RowCodec<Buffer> {
  return {
    decode: (collection, row) => documentOf(openedTable(store, collection), row),
    edit: (collection, row, edits) => editRow(openedTable(store, collection), row, edits),
    equal: (left, right) => left.equals(right),
    toJson: (raw) => raw.toString('base64'),
    fromJson: (json: JsonValue) => Buffer.from(json as string, 'base64'),
  };
}

/** A row as operations see it, in the order of the table's columns. */
export function documentOf(table: Table, row: RawRow<Buffer>): PortableDocument {
  const document: PortableDocument = new Map();
  for (const { name, type } of table.columns) {
    const bytes = row.get(name);
    if (bytes !== undefined) document.set(name, toDynamic(portableOf(type), fromBytes(type, bytes)));
  }
  return document;
}

function editRow(table: Table, row: RawRow<Buffer>, edits: readonly FieldEdit[]): RawRow<Buffer> {
  const edited = new Map(row);
  for (const edit of edits) {
    if (edit.kind === 'rename') {
      const bytes = edited.get(edit.from);
      columnType(table, edit.to);
      edited.delete(edit.from);
      if (bytes !== undefined) edited.set(edit.to, bytes);
      continue;
    }
    const bytes =
      edit.kind === 'set'
        ? exactBytes(columnType(table, edit.field), edit.field, edit.type ?? { kind: 'dynamic' }, edit.value)
        : undefined;
    if (bytes === undefined) edited.delete(edit.field);
    else edited.set(edit.field, bytes);
  }
  return edited;
}

/** The type of a column. Throws UNKNOWN_FIELD where the table has none of that name. */
export function columnType(table: Table, name: string): CqlType {
  refuseUnknown(table, name);
  return columnOf(table, name)!.type;
}

/** The bytes of a value in a type; undefined for null. Throws CONVERSION_FAILED where the type cannot hold it exactly. */
export function exactBytes(type: CqlType, field: string, from: PortableType, value: PortableValue): Buffer | undefined {
  if (value === null || value === undefined) return undefined;
  try {
    const bytes = toBytes(type, from, value, (loss, before, after) => {
      throw new ConversionError(`${before} would become ${after} (${loss})`);
    });
    return isNothing(type, bytes) ? undefined : bytes;
  } catch (cause) {
    if (!(cause instanceof ConversionError)) throw cause;
    throw new PolyshiftError('CONVERSION_FAILED', `${field}: ${cause.message}`, { cause });
  }
}

/** An empty collection of several cells is no value at all to the store. */
export function isNothing(type: CqlType, bytes: Buffer): boolean {
  return isMultiCell(type) && type.name !== 'udt' && bytes.readInt32BE(0) === 0;
}
