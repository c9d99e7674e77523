import {
  compareDecimals,
  digitsOf,
  dynamicType,
  type JsonValue,
  nearest,
  type PortableType,
  type PortableValue,
  Tagged,
  typeText,
} from '@polyshift/core';
import { Operand } from '../../conditions/operand.ts';
import { compareValues, comparisonKind } from '../../values/compare-values.ts';
import { at, invalidSchema, type Keyword, listOf } from '../rule.ts';

type TypeTest = (kind: PortableType['kind'], value: PortableValue) => boolean;

/** Kinds whose values are texts where a schema speaks of them. */
const textual = new Set(['text', 'enum', 'uuid', 'network', 'bits', 'time', 'time_tz', 'interval', 'native']);

/**
 * The names of types, of JSON Schema and of BSON. A store with one type of numbers gives 5 and 5.0 as it likes: a number is of each type that
 * holds it exactly, only that floats are never int, long or decimal.
 */
const types: Readonly<Record<string, TypeTest>> = {
  object: (kind) => kind === 'document',
  array: (kind) => kind === 'array',
  null: () => false,
  boolean: (kind) => kind === 'boolean',
  bool: (kind) => kind === 'boolean',
  string: (kind) => textual.has(kind),
  number: (_kind, value) => isNumber(value),
  integer: (_kind, value) => isNumber(value) && isWhole(value),
  int: (kind, value) => !isFloat(kind) && isNumber(value) && isWhole(value) && isWithin(value, 2n ** 31n),
  long: (kind, value) => !isFloat(kind) && isNumber(value) && isWhole(value) && isWithin(value, 2n ** 63n),
  double: (kind, value) => isFloat(kind) || (isNumber(value) && isExactFloat(value)),
  decimal: (kind, value) => !isFloat(kind) && isNumber(value),
  date: (kind) => kind === 'date' || kind === 'timestamp' || kind === 'timestamptz',
  binData: (kind) => kind === 'bytes' || kind === 'uuid',
  objectId: (kind) => kind === 'object_id',
};

/** `type` and `bsonType`: one name or several. */
export const type: Keyword = (value, context) => {
  const names = Array.isArray(value) ? listOf(value, context) : [value];
  const tests = names.map((name) => testOf(name, context.place));
  return (found, path, report) => {
    const own = dynamicType(found);
    const holds = own === undefined ? names.includes('null') : tests.some((test) => test(own.kind, found));
    if (!holds) report(`${at(path)} is ${own === undefined ? 'null' : typeText(own)}, not ${names.join(' or ')}`);
  };
};

/** `enum`: one of the values; dates, uuids and the like are given as their texts. */
export const oneOfValues: Keyword = (value, context) => {
  const operands = listOf(value, context).map((each) => Operand.of(each));
  return (found, path, report) => {
    if (!operands.some((operand) => operand.equals(found))) report(`${at(path)} is none of ${JSON.stringify(value)}`);
  };
};

/** `const`: this value. */
export const constant: Keyword = (value) => {
  const operand = Operand.of(value);
  return (found, path, report) => {
    if (!operand.equals(found)) report(`${at(path)} is not ${JSON.stringify(value)}`);
  };
};

function testOf(name: JsonValue, place: string): TypeTest {
  if (typeof name === 'string' && Object.hasOwn(types, name)) return types[name]!;
  const close = nearest(String(name), Object.keys(types));
  throw invalidSchema(
    place,
    `there is no type ${JSON.stringify(name)}`,
    `${close === undefined ? '' : `Did you mean ${close}? `}Types are ${Object.keys(types).join(', ')}.`,
  );
}

function isNumber(value: PortableValue): boolean {
  return comparisonKind(value) === 'number';
}

function isFloat(kind: string): boolean {
  return kind === 'float32' || kind === 'float64';
}

function digits(value: PortableValue): string {
  return digitsOf(dynamicType(value)!, value instanceof Tagged ? value.value : value);
}

function isWhole(value: PortableValue): boolean {
  return /^-?\d+(\.0*)?$/.test(digits(value));
}

function isWithin(value: PortableValue, limit: bigint): boolean {
  const text = digits(value);
  return compareDecimals(text, String(-limit)) >= 0 && compareDecimals(text, String(limit)) < 0;
}

function isExactFloat(value: PortableValue): boolean {
  const float = Number(digits(value));
  return !Number.isFinite(float) || compareValues(value, float) === 0;
}
