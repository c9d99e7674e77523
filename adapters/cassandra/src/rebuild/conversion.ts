import { compilePipeline, type RawRow } from '@polyshift/adapter-kit';
import { ConversionError, type Operation, PolyshiftError, type PortableValue } from '@polyshift/core';
import { columnOf, type Table } from '../catalog/table.ts';
import { documentOf, exactBytes } from '../rows/codec.ts';
import type { CqlType } from '../values/cql-type.ts';
import { fromBytes } from '../values/from-bytes.ts';
import { portableOf } from '../values/portable-of.ts';

/** How the values of one column get another type. */
export interface Conversion {
  readonly field: string;
  readonly from: CqlType;
  readonly to: CqlType;
  /** The bytes of the new type for a row of the old one; undefined for no value. Throws CONVERSION_FAILED where one does not convert exactly. */
  forth(row: RawRow<Buffer>): Buffer | undefined;
  /** The way back for a value that was written in the new type. Throws CONVERSION_FAILED. */
  back(raw: Buffer): Buffer | undefined;
}

/** Compiles the conversion of a column; `using` is an aggregation expression as JSON text over the row. */
export function conversionOf(table: Table, { data }: Operation<'change_type'>, from: CqlType, to: CqlType): Conversion {
  const { field_name: field, using } = data;
  const compute = using === undefined ? undefined : compilePipeline([{ $set: { [field]: expressionOf(using) } }]);
  const convert = (source: CqlType, target: CqlType, raw: Buffer): Buffer | undefined =>
    exactBytes(target, field, portableOf(source), decoded(source, field, raw));
  return {
    field,
    from,
    to,
    forth(row) {
      const raw = row.get(field);
      if (!compute) return raw === undefined ? undefined : convert(from, to, raw);
      const [edit] = compute(documentOf({ ...table, columns: withType(table, field, from) }, row));
      return edit?.kind === 'set' ? exactBytes(to, field, { kind: 'dynamic' }, edit.value) : undefined;
    },
    back: (raw) => convert(to, from, raw),
  };
}

/** The columns of a table with one of them in another type. */
export function withType(table: Table, field: string, type: CqlType): Table['columns'] {
  const column = columnOf(table, field)!;
  return table.columns.map((each) => (each === column ? { ...each, type } : each));
}

function decoded(type: CqlType, field: string, raw: Buffer): PortableValue {
  try {
    return fromBytes(type, raw);
  } catch (cause) {
    if (!(cause instanceof ConversionError)) throw cause;
    throw new PolyshiftError('CONVERSION_FAILED', `${field}: ${cause.message}`, { cause });
  }
}

function expressionOf(using: string): never {
  try {
    return JSON.parse(using) as never;
  } catch (cause) {
    throw new PolyshiftError('INVALID_EXPRESSION', `using is not JSON: ${(cause as Error).message}`, {
      place: { path: 'data.using' },
      hint: 'Here it is an aggregation expression as JSON text, like {"$toInt": "$age"}.',
      cause,
    });
  }
}
