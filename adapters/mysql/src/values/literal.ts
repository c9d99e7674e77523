import type { PortableType } from '@polyshift/core';
import type { Raw } from '../connection.ts';
import { literal, quote } from '../identifiers.ts';
import { typeParts } from '../types.ts';
import { isGeometry } from './encode-text.ts';

/** What reading and writing a column as SQL needs to know of it. */
export interface SqlColumn {
  readonly name: string;
  readonly type: PortableType;
  readonly native: string;
}

/** The expression that reads a column so that the driver's value says it all: a FLOAT prints six digits only, bits and shapes are bytes. */
export function readExpression(column: SqlColumn, qualifier = ''): string {
  const name = `${qualifier}${quote(column.name)}`;
  if (column.type.kind === 'float32') return `(${name} * 1e0)`;
  if (column.type.kind === 'bits') return `LPAD(BIN(${name} + 0), ${typeParts(column.native).numbers[0] ?? 1}, '0')`;
  return isGeometry(column.native) ? `HEX(${name})` : name;
}

/** Compiles what writes values of the driver into a statement, by the driver's own quoting. */
export function literalWriter(column: SqlColumn): (raw: Raw) => string {
  const write = writerOf(column);
  return (raw) => (raw === null || raw === undefined ? 'NULL' : write(raw));
}

function writerOf({ type, native }: SqlColumn): (raw: NonNullable<Raw>) => string {
  switch (type.kind) {
    case 'boolean':
    case 'int16':
    case 'int32':
    case 'int64':
    case 'decimal':
      // Digits without quotes: a number that is compared with a text is compared as a float.
      return (raw) => (/^-?\d+(\.\d+)?$/.test(String(raw)) ? String(raw) : literal(String(raw)));
    case 'float32':
    case 'float64':
      return (raw) => floatLiteral(Number(raw));
    case 'bits':
      return (raw) => `b'${String(raw).replace(/[^01]/g, '')}'`;
    default:
      if (isGeometry(native)) return (raw) => `X'${String(raw).replace(/[^0-9A-Fa-f]/g, '')}'`;
      return (raw) => (typeof raw === 'object' ? `X'${raw.toString('hex')}'` : literal(String(raw)));
  }
}

/** With an exponent, so that the server reads it as a float and not as a decimal. */
function floatLiteral(value: number): string {
  const text = Object.is(value, -0) ? '-0' : String(value);
  return text.includes('e') ? text : `${text}e0`;
}

/** An expression that is equal for two values of a column exactly where they are the same to the letter. */
export function exactExpression(column: SqlColumn, sql: string): string {
  switch (column.type.kind) {
    case 'text':
    case 'enum':
      return `CAST(${sql} AS BINARY)`;
    case 'json':
      return `CAST(CAST(${sql} AS CHAR) AS BINARY)`;
    case 'float32':
      return `(${sql} * 1e0)`;
    case 'native':
      return isGeometry(column.native) ? `HEX(${sql})` : `CAST(${sql} AS BINARY)`;
    default:
      return sql;
  }
}

/** The condition that two values of a column are the same to the letter; null is the same as null. */
export function sameExactly(column: SqlColumn, left: string, right: string): string {
  return `${exactExpression(column, left)} <=> ${exactExpression(column, right)}`;
}
