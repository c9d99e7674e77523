import { createHash } from 'node:crypto';
import type { JsonObject, JsonValue, PortableType } from '@polyshift/core';
import { PolyshiftError } from '@polyshift/core';
import { validationPrefix } from '../catalog/validation-holder.ts';
import { bytes, type ComparableColumn, comparison, jsonToLiteral } from '../comparable.ts';
import type { ColumnOf } from '../conditions.ts';
import { cutIdentifier, identifierLength, literal, quote } from '../identifiers.ts';

/** One CHECK constraint of a validation schema. */
export interface ValidationCheck {
  readonly name: string;
  /** An SQL condition over the row; null passes, except for `required`. */
  readonly condition: string;
}

/** Words that describe and do not demand. */
const annotations = new Set(['title', 'description', '$schema', '$id', '$comment', 'examples', 'default']);

/**
 * Compiles a JSON Schema into CHECK constraints, one for each keyword of each field, so that an error of the server names what is wrong. Throws
 * UNSUPPORTED_OPERATION for keywords outside the subset: what is not enforced is not accepted in silence.
 */
export function compileValidation(schema: JsonObject, table: string, columnOf: ColumnOf): ValidationCheck[] {
  const checks: ValidationCheck[] = [];
  for (const [keyword, value] of Object.entries(schema)) {
    if (annotations.has(keyword)) continue;
    if (keyword === 'type' || keyword === 'bsonType') {
      if (value !== 'object') throw unsupported(`${keyword}: ${JSON.stringify(value)} of the whole row`, 'A row is an object.');
    } else if (keyword === 'required') {
      for (const field of value as string[])
        checks.push({ name: checkName(table, field, 'required'), condition: `${quote(columnOf(field).name)} IS NOT NULL` });
    } else if (keyword === 'properties') {
      for (const [field, of] of Object.entries(value as JsonObject))
        checks.push(...fieldChecks(table, columnOf(field), of as JsonObject));
    } else if (keyword !== 'additionalProperties' || value !== true) {
      throw unsupported(
        keyword,
        'The subset is required, properties, type, bsonType, enum, const, minimum, maximum, minLength, maxLength and pattern.',
      );
    }
  }
  return checks;
}

/** The name of the check that holds the schema's text, or of one keyword of one field. Names of checks are unique in a whole database. */
export function checkName(table: string, ...parts: readonly string[]): string {
  const full = [table, ...parts].join('_');
  const mark = createHash('sha256')
    .update([table, ...parts].join('\0'))
    .digest('hex')
    .slice(0, 8);
  return `${cutIdentifier(validationPrefix + full, identifierLength - 9)}_${mark}`;
}

function fieldChecks(table: string, column: ComparableColumn, schema: JsonObject): ValidationCheck[] {
  const checks: ValidationCheck[] = [];
  const add = (keyword: string, condition: string): void => {
    checks.push({ name: checkName(table, column.name, keyword), condition });
  };
  const name = quote(column.name);
  for (const [keyword, value] of Object.entries(schema)) {
    if (annotations.has(keyword)) continue;
    switch (keyword) {
      case 'type':
      case 'bsonType': {
        const condition = typeCondition(column, name, value);
        if (condition !== undefined) add('type', condition);
        break;
      }
      case 'enum':
      case 'const': {
        const values = (keyword === 'enum' ? (value as JsonValue[]) : [value]).filter((each) => each !== null);
        const equals = values.map((each) => fitting(column, each, () => comparison(column, name, '=', each)));
        add(keyword, values.length === 0 ? `${name} IS NULL` : equals.join(' OR '));
        break;
      }
      case 'minimum':
        add(keyword, `${name} ${schema['exclusiveMinimum'] === true ? '>' : '>='} ${bound(column, value)}`);
        break;
      case 'maximum':
        add(keyword, `${name} ${schema['exclusiveMaximum'] === true ? '<' : '<='} ${bound(column, value)}`);
        break;
      // As a boolean these belong to minimum and maximum, as in the draft that MongoDB follows.
      case 'exclusiveMinimum':
        if (typeof value === 'number') add(keyword, `${name} > ${bound(column, value)}`);
        break;
      case 'exclusiveMaximum':
        if (typeof value === 'number') add(keyword, `${name} < ${bound(column, value)}`);
        break;
      case 'minLength':
        add(keyword, `CHAR_LENGTH(${name}) >= ${Number(value)}`);
        break;
      case 'maxLength':
        add(keyword, `CHAR_LENGTH(${name}) <= ${Number(value)}`);
        break;
      case 'pattern':
        add(keyword, `CONVERT(${name} USING utf8mb4) COLLATE utf8mb4_bin REGEXP ${literal(String(value))}`);
        break;
      default:
        throw unsupported(`${keyword} of ${column.name}`, 'Write it as a check constraint, by add_constraint.');
    }
  }
  return checks;
}

const kindsOf: Readonly<Record<string, readonly PortableType['kind'][]>> = {
  string: ['text', 'enum', 'uuid', 'network', 'bits'],
  int: ['int16', 'int32'],
  long: ['int16', 'int32', 'int64'],
  integer: ['int16', 'int32', 'int64'],
  double: ['float32', 'float64'],
  decimal: ['decimal', 'int16', 'int32', 'int64'],
  number: ['int16', 'int32', 'int64', 'float32', 'float64', 'decimal'],
  bool: ['boolean'],
  boolean: ['boolean'],
  date: ['date', 'timestamp', 'timestamptz'],
  binData: ['bytes'],
};

const jsonTypes: Readonly<Record<string, readonly string[]>> = {
  string: ['STRING'],
  int: ['INTEGER', 'UNSIGNED INTEGER'],
  long: ['INTEGER', 'UNSIGNED INTEGER'],
  integer: ['INTEGER', 'UNSIGNED INTEGER'],
  double: ['DOUBLE', 'DECIMAL'],
  decimal: ['DOUBLE', 'DECIMAL'],
  number: ['INTEGER', 'UNSIGNED INTEGER', 'DOUBLE', 'DECIMAL'],
  bool: ['BOOLEAN'],
  boolean: ['BOOLEAN'],
  object: ['OBJECT'],
  array: ['ARRAY'],
  null: ['NULL'],
};

/** The column's own type answers for the type, unless the column is JSON. */
function typeCondition(column: ComparableColumn, name: string, value: JsonValue | undefined): string | undefined {
  const names = (Array.isArray(value) ? value : [value]) as string[];
  const { kind } = column.type;
  if (kind === 'json' || kind === 'document' || kind === 'dynamic') {
    const allowed = names.map((each) => jsonTypes[each]);
    if (allowed.includes(undefined))
      throw unsupported(`the type ${JSON.stringify(value)} of ${column.name}`, 'A JSON column has JSON types.');
    const list = [...new Set(allowed.flatMap((each) => each!))].map(literal).join(', ');
    return `${bytes(`JSON_TYPE(${name})`)} IN (${list})`;
  }
  if (names.some((each) => kindsOf[each]?.includes(kind))) return undefined;
  throw new PolyshiftError(
    'INVALID_DOCUMENT',
    `The column ${column.name} is ${kind}, which is not ${names.join(' or ')}: no row could fulfil the schema.`,
    { hint: 'Change the type of the column first, by change_type.', place: { path: `data.schema.properties.${column.name}` } },
  );
}

function bound(column: ComparableColumn, value: JsonValue | undefined): string {
  if (typeof value === 'number' && /^(int|decimal|float)/.test(column.type.kind)) return String(value);
  return fitting(column, value ?? null, () => jsonToLiteral(column, value ?? null));
}

function fitting(column: ComparableColumn, value: JsonValue, compile: () => string): string {
  try {
    return compile();
  } catch (error) {
    throw new PolyshiftError('INVALID_DOCUMENT', `${JSON.stringify(value)} does not fit the column ${column.name}.`, {
      cause: error,
    });
  }
}

function unsupported(what: string, hint: string): PolyshiftError {
  return new PolyshiftError('UNSUPPORTED_OPERATION', `MySQL does not carry ${what} in a validation schema.`, { hint });
}
