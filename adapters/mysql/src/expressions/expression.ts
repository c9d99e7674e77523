import type { JsonObject, JsonValue, PortableType } from '@polyshift/core';
import { PolyshiftError } from '@polyshift/core';
import { bytes } from '../comparable.ts';
import { literal } from '../identifiers.ts';

/** A compiled expression and, where it is known, the type of its value. */
export interface Expression {
  readonly sql: string;
  readonly type: PortableType | undefined;
}

/** The expression of a field of the row. Throws UNKNOWN_FIELD. */
export type FieldOf = (field: string) => Expression;

type Compile = (argument: JsonValue, inner: (value: JsonValue) => Expression) => Expression;

const text: PortableType = { kind: 'text' };
const number: PortableType = { kind: 'decimal' };
const float: PortableType = { kind: 'float64' };
const boolean: PortableType = { kind: 'boolean' };

/** The operators of the aggregation language that SQL carries with the same meaning; null behaves as in MongoDB where that differs. */
const operators: Readonly<Record<string, Compile>> = {
  $concat: (argument, inner) => ({
    sql: `CONCAT(${list(argument)
      .map((each) => asText(inner(each)))
      .join(', ')})`,
    type: text,
  }),
  $toLower: (argument, inner) => ({ sql: `LOWER(COALESCE(${asText(inner(one(argument)))}, ''))`, type: text }),
  $toUpper: (argument, inner) => ({ sql: `UPPER(COALESCE(${asText(inner(one(argument)))}, ''))`, type: text }),
  $trim: (argument, inner) => trim('both', argument, inner),
  $ltrim: (argument, inner) => trim('start', argument, inner),
  $rtrim: (argument, inner) => trim('end', argument, inner),
  $ifNull: (argument, inner) => choice(list(argument).map(inner), (parts) => `COALESCE(${parts.join(', ')})`),
  $cond: (argument, inner) => {
    const [condition, then, otherwise] = Array.isArray(argument)
      ? argument
      : ['if', 'then', 'else'].map((key) => (argument as JsonObject)[key] ?? null);
    return choice(
      [inner(then ?? null), inner(otherwise ?? null)],
      ([yes, no]) => `CASE WHEN ${isTrue(inner(condition ?? null))} THEN ${yes} ELSE ${no} END`,
    );
  },
  $eq: (argument, inner) => compare(argument, inner, '<=>'),
  $ne: (argument, inner) => ({ sql: `(NOT ${compare(argument, inner, '<=>').sql})`, type: boolean }),
  $gt: (argument, inner) => compare(argument, inner, '>'),
  $gte: (argument, inner) => compare(argument, inner, '>='),
  $lt: (argument, inner) => compare(argument, inner, '<'),
  $lte: (argument, inner) => compare(argument, inner, '<='),
  $and: (argument, inner) => logic(argument, inner, ' AND '),
  $or: (argument, inner) => logic(argument, inner, ' OR '),
  $not: (argument, inner) => ({ sql: `(NOT ${isTrue(inner(one(argument)))})`, type: boolean }),
  $add: (argument, inner) => arithmetic(argument, inner, '+'),
  $subtract: (argument, inner) => arithmetic(argument, inner, '-'),
  $multiply: (argument, inner) => arithmetic(argument, inner, '*'),
  // As floats, as in MongoDB: a division of decimals would end four digits behind those of the dividend.
  $divide: (argument, inner) => {
    const [left, right] = list(argument).map(inner);
    return { sql: `((${left?.sql} + 0e0) / ${right?.sql})`, type: float };
  },
  $toString: (argument, inner) => ({ sql: asText(inner(one(argument))), type: text }),
  $toInt: (argument, inner) => ({ sql: `CAST(${inner(one(argument)).sql} AS SIGNED)`, type: { kind: 'int32' } }),
  $toLong: (argument, inner) => ({ sql: `CAST(${inner(one(argument)).sql} AS SIGNED)`, type: { kind: 'int64' } }),
  $toDecimal: (argument, inner) => ({ sql: `CAST(${inner(one(argument)).sql} AS DECIMAL(65,30))`, type: number }),
  $toDouble: (argument, inner) => ({ sql: `(${inner(one(argument)).sql} + 0e0)`, type: float }),
};

/** Compiles an aggregation expression into SQL over the row. Throws UNSUPPORTED_OPERATION and UNKNOWN_FIELD. */
export function compileExpression(value: JsonValue, fieldOf: FieldOf): Expression {
  const inner = (each: JsonValue): Expression => compileExpression(each, fieldOf);
  if (typeof value === 'string' && value.startsWith('$$'))
    throw unsupported(`the variable ${value}`, 'Use `set` with an SQL expression.');
  if (typeof value === 'string' && value.startsWith('$')) return fieldOf(value.slice(1));
  if (value === null || typeof value !== 'object') return constant(value);
  if (Array.isArray(value)) throw unsupported('a list of expressions', 'Use `set` with an SQL expression.');
  const [name, ...others] = Object.keys(value);
  if (name === '$literal' && others.length === 0) return constant(value[name]!);
  const compile = name !== undefined && others.length === 0 && Object.hasOwn(operators, name) ? operators[name] : undefined;
  if (!compile) {
    throw unsupported(
      `the expression ${name ?? '{}'}`,
      `Use one of ${Object.keys(operators).join(', ')}, or \`set\` with an SQL expression.`,
    );
  }
  return compile(value[name!]!, inner);
}

/** The error of something that the SQL subset does not carry. */
export function unsupported(what: string, hint: string): PolyshiftError {
  return new PolyshiftError('UNSUPPORTED_OPERATION', `MySQL does not carry ${what} in a pipeline.`, { hint });
}

/** A value as text; booleans in words, as everywhere else. */
export function asText({ sql, type }: Expression): string {
  if (type?.kind === 'text') return sql;
  return type?.kind === 'boolean' ? `(CASE WHEN ${sql} THEN 'true' WHEN NOT ${sql} THEN 'false' END)` : `CAST(${sql} AS CHAR)`;
}

function constant(value: JsonValue): Expression {
  if (value === null) return { sql: 'NULL', type: undefined };
  if (typeof value === 'object') return { sql: literal(JSON.stringify(value)), type: { kind: 'json' } };
  if (typeof value === 'boolean') return { sql: value ? 'TRUE' : 'FALSE', type: boolean };
  if (typeof value === 'number') return { sql: String(value), type: Number.isSafeInteger(value) ? { kind: 'int64' } : number };
  return { sql: literal(value), type: text };
}

function list(argument: JsonValue): JsonValue[] {
  if (Array.isArray(argument) && argument.length > 0) return argument;
  throw new PolyshiftError('INVALID_EXPRESSION', `A list of expressions is needed instead of ${JSON.stringify(argument)}.`);
}

function one(argument: JsonValue): JsonValue {
  return Array.isArray(argument) && argument.length === 1 ? argument[0]! : argument;
}

function isTrue({ sql, type }: Expression): string {
  // Any value but false, null and zero counts as true there.
  if (type === undefined) return 'FALSE';
  if (type.kind === 'boolean') return `((${sql}) IS TRUE)`;
  return /^(int|float|decimal)/.test(type.kind) ? `((${sql} <> 0) IS TRUE)` : `(${sql} IS NOT NULL)`;
}

function trim(side: 'both' | 'start' | 'end', argument: JsonValue, inner: (value: JsonValue) => Expression): Expression {
  const { input, chars } = (typeof argument === 'object' && argument !== null ? argument : { input: argument }) as JsonObject;
  if (input === undefined) throw new PolyshiftError('INVALID_EXPRESSION', 'A trim needs an `input`.');
  if (chars !== undefined && typeof chars !== 'string') throw unsupported('chars that are no constant', 'Write them as a text.');
  const set = [...(chars ?? ' \t\n\r\f\v')].map((char) => (/[A-Za-z0-9]/.test(char) ? char : `\\${char}`)).join('');
  const pattern = { both: `^[${set}]+|[${set}]+$`, start: `^[${set}]+`, end: `[${set}]+$` }[side];
  return { sql: `REGEXP_REPLACE(${asText(inner(input))}, ${literal(pattern)}, '')`, type: text };
}

/** One of several values: where they are of different types, all as texts, because SQL wants one type. */
function choice(parts: readonly Expression[], join: (sql: string[]) => string): Expression {
  const known = parts.filter((part) => part.type !== undefined);
  const mixed = new Set(known.map((part) => group(part.type!))).size > 1;
  return {
    sql: `(${join(parts.map((part) => (mixed && part.type ? asText(part) : part.sql)))})`,
    type: mixed ? text : known[0]?.type,
  };
}

function group(type: PortableType): string {
  return /^(int|float|decimal)/.test(type.kind) ? 'number' : type.kind;
}

function logic(argument: JsonValue, inner: (value: JsonValue) => Expression, joint: string): Expression {
  const terms = list(argument).map((each) => isTrue(inner(each)));
  return { sql: `(${terms.join(joint)})`, type: boolean };
}

function compare(argument: JsonValue, inner: (value: JsonValue) => Expression, operator: string): Expression {
  const [left, right] = list(argument).map(inner);
  if (!left || !right) throw new PolyshiftError('INVALID_EXPRESSION', 'A comparison needs two expressions.');
  const texts = (left.type && right.type && group(left.type) !== group(right.type)) || left.type?.kind === 'text';
  // Texts are equal byte for byte, as in MongoDB; which is greater, the collation says.
  const side = (each: Expression): string =>
    !texts || each.type === undefined ? each.sql : operator === '<=>' ? bytes(asText(each)) : asText(each);
  const sql = `(${side(left)} ${operator} ${side(right)})`;
  return { sql: operator === '<=>' ? sql : `(${sql} IS TRUE)`, type: boolean };
}

function arithmetic(argument: JsonValue, inner: (value: JsonValue) => Expression, operator: string): Expression {
  const parts = list(argument).map(inner);
  const kinds = parts.map((part) => part.type?.kind ?? '');
  const type = kinds.every((kind) => /^int/.test(kind))
    ? ({ kind: 'int64' } as const)
    : kinds.some((kind) => /^float/.test(kind))
      ? float
      : number;
  return { sql: `(${parts.map((part) => part.sql).join(` ${operator} `)})`, type };
}
