import type { JsonValue, PortableType, PortableValue } from '@polyshift/core';
import type { PgType } from './catalog/pg-types.ts';
import { toNativeType } from './types.ts';
import type { Lose } from './values/conversion.ts';
import { encoderOf } from './values/encode.ts';

/** What a comparison needs to know of a column; without `pgType` it is a column of a plan that does not exist yet. */
export interface ComparableColumn {
  readonly name: string;
  readonly type: PortableType;
  readonly pgType?: PgType | undefined;
  readonly native?: string | undefined;
}

/** One side and the other of a comparison of a column with a JSON value: SQL, and a text with the type it is bound as. */
export function comparable(
  column: ComparableColumn,
  name: string,
  value: JsonValue,
): { left: string; text: string; type: string } {
  const { kind } = column.type;
  if (typeof value === 'number' && /^int/.test(kind)) {
    // A fraction or a number beyond the column's range is a fair bound: it is compared, not squeezed into the type.
    return { left: name, text: String(value), type: Number.isSafeInteger(value) ? 'bigint' : 'numeric' };
  }
  if (typeof value === 'number' && kind === 'decimal') return { left: name, text: String(value), type: 'numeric' };
  if (kind === 'json' || kind === 'document' || kind === 'dynamic') {
    return { left: `${name}::jsonb`, text: JSON.stringify(value), type: 'jsonb' };
  }
  return { left: name, text: jsonToText(column, value, -1), type: looseType(column) };
}

/** The type to cast to for a comparison: without length or precision, which a cast would cut the value to. */
function looseType(column: ComparableColumn): string {
  let type = column.pgType;
  if (!type) return column.native || toNativeType(column.type);
  while (type.form === 'domain') type = type.of!;
  if (type.name === 'bpchar' || type.name === 'bit') return type.name === 'bit' ? 'varbit' : 'bpchar';
  return type.native;
}

/** Reading a local time as UTC is what a zoneless text in a document means; everything else that would be lost is refused. */
const strict: Lose = (loss, from, to) => {
  if (loss === 'zone_taken_for_utc' || loss === 'double_to_single' || loss === 'field_order' || loss === 'json_letters') return;
  throw new Error(`${from} would become ${to} (${loss})`);
};

/** A JSON value as the text of a column's type. Throws where it does not fit exactly. */
export function jsonToText(column: ComparableColumn, value: JsonValue, modifier: number): string {
  if (!column.pgType) return typeof value === 'object' ? JSON.stringify(value) : String(value);
  return encoderOf({ pgType: column.pgType, modifier }, { kind: 'dynamic' })(toPortable(value), strict);
}

function toPortable(value: JsonValue): PortableValue {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(toPortable);
  return new Map(Object.entries(value).map(([name, each]) => [name, toPortable(each)]));
}
