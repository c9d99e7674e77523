import type { ConditionNode, Conditions, JsonValue, PortableType } from '@polyshift/core';
import { PolyshiftError, parseConditions } from '@polyshift/core';
import { type ComparableColumn, comparable } from './comparable.ts';
import { quote } from './identifiers.ts';
import type { Bind } from './parameters.ts';

/** What conditions need to know of a table. */
export type ColumnOf = (field: string) => ComparableColumn;

const operators = { eq: '=', gt: '>', gte: '>=', lt: '<', lte: '<=' } as const;

/**
 * Compiles conditions into an SQL condition that is true or not true, whatever is null: `ne` and `nin` hold for null, other comparisons do
 * not, and `not` turns that around. Values are bound, typed by their column. Throws UNKNOWN_FIELD and INVALID_DOCUMENT.
 */
export function compileConditions(conditions: Conditions | undefined, columnOf: ColumnOf, bind: Bind, qualifier = ''): string {
  return compile(parseConditions(conditions), columnOf, bind, qualifier);
}

function compile(node: ConditionNode, columnOf: ColumnOf, bind: Bind, qualifier: string): string {
  switch (node.kind) {
    case 'all':
      return list(node.of, ' AND ', 'true', columnOf, bind, qualifier);
    case 'any':
      return list(node.of, ' OR ', 'false', columnOf, bind, qualifier);
    case 'not':
      return `(${compile(node.of, columnOf, bind, qualifier)}) IS NOT TRUE`;
    case 'compare':
      return compare(node.field, node.operator, node.value, columnOf(node.field), bind, qualifier);
  }
}

function list(
  of: readonly ConditionNode[],
  joint: string,
  empty: string,
  columnOf: ColumnOf,
  bind: Bind,
  qualifier: string,
): string {
  if (of.length === 0) return empty;
  return of.map((each) => `(${compile(each, columnOf, bind, qualifier)})`).join(joint);
}

function compare(
  field: string,
  operator: (ConditionNode & { kind: 'compare' })['operator'],
  value: JsonValue,
  column: ComparableColumn,
  bind: Bind,
  qualifier: string,
): string {
  const name = `${qualifier}${quote(column.name)}`;
  switch (operator) {
    case 'is_null':
      return `${name} IS ${value ? '' : 'NOT '}NULL`;
    case 'like': {
      const text = isText(column.type) ? name : `${name}::text`;
      return `${text} LIKE ${bind(String(value), 'text')}`;
    }
    case 'in':
    case 'nin': {
      if (!Array.isArray(value)) throw misfit(field, operator, value);
      // Null is no value: it is in no list.
      const values = value.filter((each) => each !== null);
      const among =
        values.length === 0 ? 'false' : values.map((each) => single(field, '=', each, column, bind, name)).join(' OR ');
      return operator === 'in' ? `(${among})` : `(${among}) IS NOT TRUE`;
    }
    case 'ne':
      return single(field, 'IS DISTINCT FROM', value, column, bind, name);
    default:
      if (value === null) return 'false';
      return single(field, operators[operator], value, column, bind, name);
  }
}

function single(field: string, operator: string, value: JsonValue, column: ComparableColumn, bind: Bind, name: string): string {
  try {
    const { left, text, type } = comparable(column, name, value);
    return `${left} ${operator} ${bind(text, type)}`;
  } catch (error) {
    throw misfit(field, operator, value, error);
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

function isText(type: PortableType): boolean {
  return type.kind === 'text';
}
