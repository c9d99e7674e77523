import type { ConditionNode, Conditions, JsonValue } from '@polyshift/core';
import { PolyshiftError, parseConditions } from '@polyshift/core';
import { type ComparableColumn, comparison } from './comparable.ts';
import { literal, quote } from './identifiers.ts';

/** What conditions need to know of a table. */
export type ColumnOf = (field: string) => ComparableColumn;

const operators = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const;

/**
 * Compiles conditions into an SQL condition that is true or not true, whatever is null: `ne` and `nin` hold for null, other comparisons do
 * not, and `not` turns that around. Values are quoted by the driver, in the form of their column. Throws UNKNOWN_FIELD and
 * INVALID_DOCUMENT.
 */
export function compileConditions(conditions: Conditions | undefined, columnOf: ColumnOf, qualifier = ''): string {
  return compile(parseConditions(conditions), columnOf, qualifier);
}

function compile(node: ConditionNode, columnOf: ColumnOf, qualifier: string): string {
  switch (node.kind) {
    case 'all':
      return list(node.of, ' AND ', 'TRUE', columnOf, qualifier);
    case 'any':
      return list(node.of, ' OR ', 'FALSE', columnOf, qualifier);
    case 'not':
      return `(${compile(node.of, columnOf, qualifier)}) IS NOT TRUE`;
    case 'compare':
      return compare(node.field, node.operator, node.value, columnOf(node.field), qualifier);
  }
}

function list(of: readonly ConditionNode[], joint: string, empty: string, columnOf: ColumnOf, qualifier: string): string {
  return of.length === 0 ? empty : of.map((each) => `(${compile(each, columnOf, qualifier)})`).join(joint);
}

function compare(
  field: string,
  operator: (ConditionNode & { kind: 'compare' })['operator'],
  value: JsonValue,
  column: ComparableColumn,
  qualifier: string,
): string {
  const name = `${qualifier}${quote(column.name)}`;
  const single = (sign: string, each: JsonValue): string => {
    try {
      return comparison(column, name, sign, each);
    } catch (error) {
      throw misfit(field, operator, each, error);
    }
  };
  switch (operator) {
    case 'is_null':
      return `${name} IS ${value ? '' : 'NOT '}NULL`;
    case 'like':
      // As bytes it is case-sensitive, whatever the collation; `_` must still be a character.
      return `CONVERT(${name} USING utf8mb4) COLLATE utf8mb4_bin LIKE ${literal(String(value))}`;
    case 'in':
    case 'nin': {
      if (!Array.isArray(value)) throw misfit(field, operator, value);
      // Null is no value: it is in no list.
      const values = value.filter((each) => each !== null);
      const among = values.length === 0 ? 'FALSE' : values.map((each) => single('=', each)).join(' OR ');
      return operator === 'in' ? `(${among})` : `(${among}) IS NOT TRUE`;
    }
    case 'ne':
      return `(${single('=', value)}) IS NOT TRUE`;
    case 'eq':
      return value === null ? 'FALSE' : single('=', value);
    default:
      return value === null ? 'FALSE' : single(operators[operator], value);
  }
}

function misfit(field: string, operator: string, value: JsonValue, cause?: unknown): PolyshiftError {
  const reason = cause instanceof Error ? `: ${cause.message}` : '.';
  return new PolyshiftError(
    'INVALID_DOCUMENT',
    `The condition ${field} ${operator} ${JSON.stringify(value)} does not fit the type of the column${reason}`,
    { place: { path: `conditions.${field}` }, ...(cause === undefined ? {} : { cause }) },
  );
}
