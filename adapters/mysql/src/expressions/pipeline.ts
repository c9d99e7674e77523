import type { JsonObject, JsonValue, PortableType } from '@polyshift/core';
import { PolyshiftError } from '@polyshift/core';
import { type ComparableColumn, jsonToLiteral } from '../comparable.ts';
import type { ColumnOf } from '../conditions.ts';
import { quote } from '../identifiers.ts';
import { asText, compileExpression, type Expression, type FieldOf, unsupported } from './expression.ts';

/** A column that a pipeline sets, and its new value as SQL over the row. */
export interface Assignment {
  readonly column: ComparableColumn;
  readonly sql: string;
  /** Whether it is $unset: the value is NULL then. */
  readonly removed: boolean;
}

/** The column that `$set` writes to, by the field's name; `type` is that of the expression, undefined for null. */
export type TargetOf = (field: string, type: PortableType | undefined) => ComparableColumn;

/**
 * Compiles the stages of an update pipeline, `$set` (`$addFields`) and `$unset`, into one value for each column. A stage sees what the stages
 * before it have set. Throws UNSUPPORTED_OPERATION for other stages and operators, UNKNOWN_FIELD for fields that are no columns.
 *
 * @param targetOf where `$set` may make columns that are not there; by default it may not
 */
export function compilePipeline(
  pipeline: readonly JsonObject[],
  columnOf: ColumnOf,
  targetOf: TargetOf = columnOf,
): Assignment[] {
  const values = new Map<string, { column: ComparableColumn; expression: Expression; removed?: boolean }>();
  for (const stage of pipeline) {
    const [name, body] = Object.entries(stage)[0] ?? ['', null];
    // What the stage reads is what stood before it, also for fields that it sets itself.
    const before = new Map(values);
    const fieldOf: FieldOf = (field) => {
      const earlier = before.get(field);
      if (earlier) return earlier.expression;
      const column = columnOf(field);
      return { sql: quote(column.name), type: column.type };
    };
    if (name === '$set' || name === '$addFields') {
      for (const [field, value] of Object.entries(body as JsonObject)) {
        const column = targetOf(field, typeOf(value, fieldOf));
        values.set(column.name, { column, expression: assigned(column, value, fieldOf) });
      }
    } else if (name === '$unset') {
      for (const field of Array.isArray(body) ? body : [body]) {
        const column = values.get(String(field))?.column ?? columnOf(String(field));
        values.set(column.name, { column, expression: { sql: 'NULL', type: undefined }, removed: true });
      }
    } else throw unsupported(`the stage ${name}`, 'Use $set and $unset, or `set` with SQL expressions.');
  }
  if (values.size === 0)
    throw new PolyshiftError('INVALID_DOCUMENT', 'The pipeline sets no field.', { place: { path: 'data.pipeline' } });
  return [...values.values()].map(({ column, expression, removed = false }) => ({ column, sql: expression.sql, removed }));
}

/** The type of what is assigned; undefined for null. */
function typeOf(value: JsonValue, fieldOf: FieldOf): PortableType | undefined {
  const constant = literalOf(value);
  if (constant === undefined) return compileExpression(value, fieldOf).type;
  switch (typeof constant.value) {
    case 'boolean':
      return { kind: 'boolean' };
    case 'number':
      return { kind: Number.isSafeInteger(constant.value) ? 'int64' : 'float64' };
    case 'string':
      return { kind: 'text' };
    default:
      return constant.value === null ? undefined : { kind: 'json' };
  }
}

/** The value of a column: a literal is read as the column's type reads it, an expression is brought to it. */
function assigned(column: ComparableColumn, value: JsonValue, fieldOf: FieldOf): Expression {
  const constant = literalOf(value);
  if (constant !== undefined) {
    if (constant.value === null) return { sql: 'NULL', type: undefined };
    return { sql: fitting(column, constant.value), type: column.type };
  }
  const expression = compileExpression(value, fieldOf);
  const { kind } = column.type;
  if (kind === 'json' || kind === 'document' || kind === 'dynamic') return asJson(expression);
  const toText = expression.type !== undefined && expression.type.kind !== 'text' && kind === 'text';
  return { sql: toText ? asText(expression) : expression.sql, type: column.type };
}

/** The value as JSON: by way of a list of one, which takes texts and numbers alike on every server. */
function asJson({ sql, type }: Expression): Expression {
  if (type === undefined || type.kind === 'json') return { sql, type: { kind: 'json' } };
  const listed = type.kind === 'boolean' ? `IF(${sql}, '[true]', '[false]')` : `JSON_ARRAY(${sql})`;
  return { sql: `(CASE WHEN ${sql} IS NULL THEN NULL ELSE JSON_EXTRACT(${listed}, '$[0]') END)`, type: { kind: 'json' } };
}

function fitting(column: ComparableColumn, value: JsonValue): string {
  try {
    return jsonToLiteral(column, value);
  } catch (error) {
    throw new PolyshiftError('INVALID_DOCUMENT', `${JSON.stringify(value)} does not fit the column ${column.name}.`, {
      cause: error,
    });
  }
}

/** The value that an expression stands for where it is a constant. */
function literalOf(value: JsonValue): { value: JsonValue } | undefined {
  if (typeof value === 'string') return value.startsWith('$') ? undefined : { value };
  if (value === null || typeof value !== 'object') return { value };
  if (!Array.isArray(value) && Object.keys(value).length === 1 && '$literal' in value) return { value: value['$literal']! };
  // A document or list without any operator is a value of a JSON column.
  return JSON.stringify(value).includes('"$') ? undefined : { value };
}
