import type { JsonValue, PortableType, PortableValue } from '@polyshift/core';
import type { Raw } from './connection.ts';
import { literal, quote } from './identifiers.ts';
import { toNativeType } from './types.ts';
import type { Lose } from './values/conversion.ts';
import { encoderOf } from './values/encode.ts';
import { literalWriter, type SqlColumn } from './values/literal.ts';
import type { LossName } from './values/losses.ts';

/** What a comparison needs to know of a column; without `native` it is a column of a plan that does not exist yet. */
export interface ComparableColumn {
  readonly name: string;
  readonly type: PortableType;
  readonly native?: string | undefined;
}

const borne: readonly LossName[] = [
  'zone_taken_for_utc',
  'double_to_single',
  'decimal_to_float',
  'field_order',
  'json_letters',
  'negative_zero',
];

/** Reading a local time as UTC is what a zoneless text in a document means; everything else that would be lost is refused. */
const strict: Lose = (loss, from, to) => {
  if (borne.includes(loss)) return;
  throw new Error(`${from} would become ${to} (${loss})`);
};

/** The column with the type that the server will give it. */
export function sqlColumn({ name, type, native }: ComparableColumn): SqlColumn {
  return { name, type, native: native === undefined || native === '' ? toNativeType(type) : native };
}

/** A JSON value as the driver's value of a column. Throws where it does not fit exactly. */
export function jsonToRaw(column: ComparableColumn, value: JsonValue): Raw {
  if (value === null) return null;
  return encoderOf(sqlColumn(column), { kind: 'dynamic' })(toPortable(value), strict);
}

/** A JSON value as a literal of a column's type. Throws where it does not fit exactly. */
export function jsonToLiteral(column: ComparableColumn, value: JsonValue): string {
  return literalWriter(sqlColumn(column))(jsonToRaw(column, value));
}

/** A comparison of a column with a JSON value that is not null. Texts are equal byte for byte; which is greater, the column's collation says. */
export function comparison(column: ComparableColumn, name: string, operator: string, value: JsonValue): string {
  const { kind } = column.type;
  if (kind === 'json' || kind === 'document' || kind === 'dynamic') {
    return `${spacelessJson(name)} ${operator} ${spacelessJson(literal(JSON.stringify(value)))}`;
  }
  // A fraction or a number beyond the column's range is a fair bound: it is compared, not squeezed into the type.
  if (typeof value === 'number' && /^(int|decimal|float)/.test(kind)) return `${name} ${operator} ${numberLiteral(value)}`;
  if (kind === 'text' || kind === 'enum') {
    const text = literal(textOf(column, value));
    if (operator !== '=') return `${name} ${operator} ${text}`;
    return `(${name} = ${text} AND ${bytes(name)} = ${bytes(text)})`;
  }
  return `${name} ${operator} ${jsonToLiteral(column, value)}`;
}

/** A text as its bytes in UTF-8: what is equal here is equal to the letter, whatever the collation. */
export function bytes(sql: string): string {
  return `CAST(CONVERT(${sql} USING utf8mb4) AS BINARY)`;
}

/** JSON in one form of spaces, on every server and in every type: by merging it, as a field of its own, with nothing. */
function spacelessJson(sql: string): string {
  return `JSON_MERGE_PRESERVE('{}', CONCAT('{"v":', ${sql}, '}'))`;
}

function numberLiteral(value: number): string {
  return Number.isInteger(value) ? String(BigInt(value)) : String(value);
}

function textOf(column: ComparableColumn, value: JsonValue): string {
  if (typeof value === 'object') throw new Error(`it is no text for ${quote(column.name)}`);
  return String(value);
}

function toPortable(value: JsonValue): PortableValue {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(toPortable);
  return new Map(Object.entries(value).map(([name, each]) => [name, toPortable(each)]));
}
