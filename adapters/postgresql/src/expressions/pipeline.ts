import type { JsonObject, JsonValue } from '@polyshift/core';
import { PolyshiftError } from '@polyshift/core';
import { type ComparableColumn, jsonToText } from '../comparable.ts';
import type { ColumnOf } from '../conditions.ts';
import { quote } from '../identifiers.ts';
import type { Bind } from '../parameters.ts';
import { compileExpression, type Expression, type FieldOf, unsupported } from './expression.ts';

/** A column that a pipeline sets, and its new value as SQL over the row. */
export interface Assignment {
  readonly column: ComparableColumn;
  readonly sql: (bind: Bind) => string;
}

/**
 * Compiles the stages of an update pipeline, `$set` (`$addFields`) and `$unset`, into one value for each column. A stage sees what the stages
 * before it have set. Throws UNSUPPORTED_OPERATION for other stages and operators, UNKNOWN_FIELD for fields that are no columns.
 */
export function compilePipeline(pipeline: readonly JsonObject[], columnOf: ColumnOf, qualifier = ''): Assignment[] {
  const values = new Map<string, { column: ComparableColumn; expression: (bind: Bind) => Expression }>();
  for (const stage of pipeline) {
    const [name, body] = Object.entries(stage)[0] ?? ['', null];
    // What the stage reads is what stood before it, also for fields that it sets itself.
    const before = new Map(values);
    const fieldOf: FieldOf = (field, bind) => {
      const column = columnOf(field);
      const earlier = before.get(field);
      return earlier ? earlier.expression(bind) : { sql: `${qualifier}${quote(column.name)}`, type: column.type };
    };
    if (name === '$set' || name === '$addFields') {
      for (const [field, value] of Object.entries(body as JsonObject)) {
        const column = columnOf(field);
        values.set(field, { column, expression: (bind) => assigned(column, value, fieldOf, bind) });
      }
    } else if (name === '$unset') {
      for (const field of Array.isArray(body) ? body : [body]) {
        const column = columnOf(String(field));
        values.set(column.name, { column, expression: () => ({ sql: 'NULL', type: undefined }) });
      }
    } else throw unsupported(`the stage ${name}`, 'Use $set and $unset, or `set` with SQL expressions.');
  }
  if (values.size === 0)
    throw new PolyshiftError('INVALID_DOCUMENT', 'The pipeline sets no field.', { place: { path: 'data.pipeline' } });
  return [...values.values()].map(({ column, expression }) => ({ column, sql: (bind) => expression(bind).sql }));
}

/** The value of a column: a literal is read as the column's type reads it, an expression is brought to it. */
function assigned(column: ComparableColumn, value: JsonValue, fieldOf: FieldOf, bind: Bind): Expression {
  const constant = literalOf(value);
  const native = column.native ?? column.pgType?.native;
  if (constant !== undefined) {
    if (constant.value === null) return { sql: 'NULL', type: undefined };
    return { sql: bind(literalText(column, constant.value), native ?? 'text'), type: column.type };
  }
  const expression = compileExpression(value, fieldOf, bind);
  const { kind } = column.type;
  if (kind === 'json' || kind === 'document' || kind === 'dynamic') {
    return { sql: expression.type?.kind === 'json' ? expression.sql : `to_jsonb(${expression.sql})`, type: { kind: 'json' } };
  }
  const fromText = expression.type?.kind === 'text' && kind !== 'text';
  const toText = expression.type !== undefined && expression.type.kind !== 'text' && kind === 'text';
  if (fromText && native !== undefined) return { sql: `(${expression.sql})::${native}`, type: column.type };
  return { sql: toText ? `(${expression.sql})::text` : expression.sql, type: column.type };
}

function literalText(column: ComparableColumn, value: JsonValue): string {
  try {
    return jsonToText(column, value, -1);
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
  // A document or list without any operator is a value of a JSON or array column.
  return JSON.stringify(value).includes('"$') ? undefined : { value };
}
