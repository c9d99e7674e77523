import type { JsonValue } from '@polyshift/core';
import { type ComparableColumn, jsonToLiteral, sqlColumn } from './comparable.ts';

/** A constant as a default: types without a length take only an expression, which stands in parentheses. */
export function constantDefault(column: ComparableColumn, value: JsonValue): string {
  if (value === null) return 'NULL';
  const constant = jsonToLiteral(column, value);
  const native = sqlColumn(column).native;
  return /text|blob|json|geometry|point|polygon|linestring/i.test(native) ? `(${constant})` : constant;
}

/** An expression as a default; only the current time may stand without parentheses. */
export function expressionDefault(expression: string): string {
  return /^(current_timestamp|now|localtime|localtimestamp)(\s*\(\s*\d?\s*\))?$/i.test(expression.trim())
    ? expression
    : `(${expression})`;
}
