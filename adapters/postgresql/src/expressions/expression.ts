import type { JsonObject, JsonValue, PortableType } from '@polyshift/core';
import { PolyshiftError } from '@polyshift/core';
import type { Bind } from '../parameters.ts';

/** A compiled expression and, where it is known, the type of its value. */
export interface Expression {
  readonly sql: string;
  readonly type: PortableType | undefined;
}

/** The expression of a field of the row. Throws UNKNOWN_FIELD. */
export type FieldOf = (field: string, bind: Bind) => Expression;

type Compile = (argument: JsonValue, inner: (value: JsonValue) => Expression) => Expression;

const text: PortableType = { kind: 'text' };
const number: PortableType = { kind: 'decimal' };
const boolean: PortableType = { kind: 'boolean' };
const whitespace = `E' \\t\\n\\r\\f\\v'`;

/** The operators of the aggregation language that SQL carries with the same meaning; null behaves as in MongoDB where that differs. */
const operators: Readonly<Record<string, Compile>> = {
  $concat: (argument, inner) => ({
    sql: `(${list(argument)
      .map((each) => asText(inner(each)))
      .join(' || ')})`,
    type: text,
  }),
  $toLower: (argument, inner) => ({ sql: `lower(coalesce(${asText(inner(one(argument)))}, ''))`, type: text }),
  $toUpper: (argument, inner) => ({ sql: `upper(coalesce(${asText(inner(one(argument)))}, ''))`, type: text }),
  $trim: (argument, inner) => trim('btrim', argument, inner),
  $ltrim: (argument, inner) => trim('ltrim', argument, inner),
  $rtrim: (argument, inner) => trim('rtrim', argument, inner),
  $ifNull: (argument, inner) => choice(list(argument).map(inner), (parts) => `coalesce(${parts.join(', ')})`),
  $cond: (argument, inner) => {
    const [condition, then, otherwise] = Array.isArray(argument)
      ? argument
      : ['if', 'then', 'else'].map((key) => (argument as JsonObject)[key] ?? null);
    return choice(
      [inner(then ?? null), inner(otherwise ?? null)],
      ([yes, no]) => `CASE WHEN ${isTrue(inner(condition ?? null))} THEN ${yes} ELSE ${no} END`,
    );
  },
  $eq: (argument, inner) => compare(argument, inner, 'IS NOT DISTINCT FROM'),
  $ne: (argument, inner) => compare(argument, inner, 'IS DISTINCT FROM'),
  $gt: (argument, inner) => compare(argument, inner, '>'),
  $gte: (argument, inner) => compare(argument, inner, '>='),
  $lt: (argument, inner) => compare(argument, inner, '<'),
  $lte: (argument, inner) => compare(argument, inner, '<='),
  $and: (argument, inner) => ({
    sql: `(${list(argument)
      .map((each) => isTrue(inner(each)))
      .join(' AND ')})`,
    type: boolean,
  }),
  $or: (argument, inner) => ({
    sql: `(${list(argument)
      .map((each) => isTrue(inner(each)))
      .join(' OR ')})`,
    type: boolean,
  }),
  $not: (argument, inner) => ({ sql: `(NOT ${isTrue(inner(one(argument)))})`, type: boolean }),
  $add: (argument, inner) => arithmetic(argument, inner, '+'),
  $subtract: (argument, inner) => arithmetic(argument, inner, '-'),
  $multiply: (argument, inner) => arithmetic(argument, inner, '*'),
  // Whole numbers divide to a fraction, as in MongoDB, not to a whole number, as in SQL.
  $divide: (argument, inner) => {
    const [left, right] = list(argument).map(inner);
    const dividend = left && /^int/.test(left.type?.kind ?? '') ? `(${left.sql})::numeric` : left?.sql;
    return { sql: `(${dividend} / ${right?.sql})`, type: isFloat(left) || isFloat(right) ? { kind: 'float64' } : number };
  },
  $toString: (argument, inner) => ({ sql: asText(inner(one(argument))), type: text }),
  $toInt: (argument, inner) => ({ sql: `(${inner(one(argument)).sql})::integer`, type: { kind: 'int32' } }),
  $toLong: (argument, inner) => ({ sql: `(${inner(one(argument)).sql})::bigint`, type: { kind: 'int64' } }),
  $toDecimal: (argument, inner) => ({ sql: `(${inner(one(argument)).sql})::numeric`, type: number }),
  $toDouble: (argument, inner) => ({ sql: `(${inner(one(argument)).sql})::double precision`, type: { kind: 'float64' } }),
};

/** Compiles an aggregation expression into SQL over the row; constants are bound. Throws UNSUPPORTED_OPERATION and UNKNOWN_FIELD. */
export function compileExpression(value: JsonValue, fieldOf: FieldOf, bind: Bind): Expression {
  const inner = (each: JsonValue): Expression => compileExpression(each, fieldOf, bind);
  if (value === null) return { sql: 'NULL', type: undefined };
  switch (typeof value) {
    case 'boolean':
      return { sql: String(value), type: boolean };
    case 'number':
      return numeral(value, bind);
    case 'string':
      if (value.startsWith('$$')) throw unsupported(`the variable ${value}`, 'Use `set` with an SQL expression.');
      return value.startsWith('$') ? fieldOf(value.slice(1), bind) : { sql: bind(value, 'text'), type: text };
  }
  if (Array.isArray(value)) throw unsupported('a list of expressions', 'Use `set` with an SQL expression.');
  const [name, ...others] = Object.keys(value);
  if (name === '$literal' && others.length === 0) return constant(value[name]!, bind);
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
  return new PolyshiftError('UNSUPPORTED_OPERATION', `PostgreSQL does not carry ${what} in a pipeline.`, { hint });
}

function constant(value: JsonValue, bind: Bind): Expression {
  if (value === null) return { sql: 'NULL', type: undefined };
  if (typeof value === 'object') return { sql: bind(JSON.stringify(value), 'jsonb'), type: { kind: 'json' } };
  if (typeof value === 'boolean') return { sql: String(value), type: boolean };
  if (typeof value === 'number') return numeral(value, bind);
  return { sql: bind(value, 'text'), type: text };
}

function numeral(value: number, bind: Bind): Expression {
  const whole = Number.isSafeInteger(value);
  return { sql: bind(String(value), whole ? 'bigint' : 'numeric'), type: whole ? { kind: 'int64' } : number };
}

function list(argument: JsonValue): JsonValue[] {
  if (Array.isArray(argument) && argument.length > 0) return argument;
  throw new PolyshiftError('INVALID_EXPRESSION', `A list of expressions is needed instead of ${JSON.stringify(argument)}.`);
}

function one(argument: JsonValue): JsonValue {
  return Array.isArray(argument) && argument.length === 1 ? argument[0]! : argument;
}

function asText(expression: Expression): string {
  return expression.type?.kind === 'text' ? expression.sql : `(${expression.sql})::text`;
}

function isTrue(expression: Expression): string {
  const { kind } = expression.type ?? {};
  // Any value but false, null and zero counts as true there.
  if (kind === undefined) return 'false';
  if (kind === 'boolean') return `(${expression.sql} IS TRUE)`;
  if (/^(int|float|decimal)/.test(kind)) return `((${expression.sql} <> 0) IS TRUE)`;
  return `(${expression.sql} IS NOT NULL)`;
}

function trim(sqlFunction: string, argument: JsonValue, inner: (value: JsonValue) => Expression): Expression {
  const { input, chars } = (typeof argument === 'object' && argument !== null ? argument : { input: argument }) as JsonObject;
  if (input === undefined) throw new PolyshiftError('INVALID_EXPRESSION', 'A trim needs an `input`.');
  const characters = chars === undefined ? whitespace : asText(inner(chars));
  return { sql: `${sqlFunction}(${asText(inner(input))}, ${characters})`, type: text };
}

/** One of several values: where they are of different types, all as texts, because SQL wants one type. */
function choice(parts: readonly Expression[], join: (sql: string[]) => string): Expression {
  const groups = new Set(parts.filter((part) => part.type !== undefined).map((part) => group(part.type!)));
  const mixed = groups.size > 1;
  const first = parts.find((part) => part.type !== undefined)?.type;
  const type = mixed ? text : first && group(first) === 'number' ? widest(parts) : first;
  return { sql: `(${join(parts.map((part) => (mixed && part.type ? asText(part) : part.sql)))})`, type };
}

function group(type: PortableType): string {
  return /^(int|float|decimal)/.test(type.kind) ? 'number' : type.kind;
}

function compare(argument: JsonValue, inner: (value: JsonValue) => Expression, operator: string): Expression {
  const [left, right] = list(argument).map(inner);
  if (!left || !right) throw new PolyshiftError('INVALID_EXPRESSION', 'A comparison needs two expressions.');
  const mixed = left.type && right.type && group(left.type) !== group(right.type);
  // A text is read as the other side's type: `{$gt: ['$created_at', '2024-01-01']}`.
  const [a, b] = mixed ? [asText(left), asText(right)] : [left.sql, right.sql];
  const sql = `(${a} ${operator} ${b})`;
  return { sql: operator.startsWith('IS') ? sql : `(${sql} IS TRUE)`, type: boolean };
}

function arithmetic(argument: JsonValue, inner: (value: JsonValue) => Expression, operator: string): Expression {
  const parts = list(argument).map(inner);
  return { sql: `(${parts.map((part) => part.sql).join(` ${operator} `)})`, type: widest(parts) };
}

/** The type that the server computes with where numbers of several types meet; null has none. */
function widest(parts: readonly Expression[]): PortableType {
  const typed = parts.filter((part) => part.type !== undefined);
  if (typed.length === 1) return typed[0]!.type!;
  if (typed.some(isFloat)) return { kind: 'float64' };
  return typed.every((part) => /^int/.test(part.type!.kind)) ? { kind: 'int64' } : number;
}

function isFloat(expression: Expression | undefined): boolean {
  return /^float/.test(expression?.type?.kind ?? '');
}
