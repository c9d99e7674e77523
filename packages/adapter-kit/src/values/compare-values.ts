import {
  ConversionError,
  canonicalText,
  dynamicType,
  isInfinite,
  isNumeric,
  isTime,
  type PortableType,
  type PortableValue,
  parseTimestamp,
  Tagged,
} from '@polyshift/core';
import { compareNumbers, type ExactNumber, singleDigits } from './compare-numbers.ts';
import { compareTexts } from './compare-texts.ts';
import { plainForm } from './plain-form.ts';

/** The kinds of values, in the order in which values of different kinds stand: that of MongoDB as far as it has them; others follow by name. */
const kindOrder = ['null', 'number', 'text', 'document', 'array', 'bytes', 'uuid', 'object_id', 'boolean', 'instant'];

/** Kinds whose values are greater or less than one another; values of others (documents, intervals, ranges, ...) are equal or not. */
const orderedKinds = new Set(['number', 'text', 'boolean', 'instant', 'time', 'bytes', 'uuid', 'object_id', 'bits']);

/** What a value can be compared with: its like. All numbers are of one kind, and so are dates and timestamps (`instant`). */
export function comparisonKind(value: PortableValue): string {
  const type = dynamicType(value);
  return type === undefined ? 'null' : comparisonKindOf(type);
}

function comparisonKindOf(type: PortableType): string {
  if (isNumeric(type.kind)) return 'number';
  if (isTime(type.kind)) return 'instant';
  if (type.kind === 'enum') return 'text';
  return type.kind === 'native' ? `native ${type.name}` : type.kind;
}

/** Whether "greater" means something among values of a kind. */
export function isOrdered(kind: string): boolean {
  return orderedKinds.has(kind);
}

/**
 * -1, 0 or 1: a total order of dynamic values. Numbers by value without rounding, texts by code points, dates and timestamps as instants (of no
 * zone: UTC), false before true; arrays by their elements; documents by their fields, whose order does not count because most stores do
 * not keep it. Values of different kinds stand in a fixed order and are never equal.
 */
export function compareValues(left: PortableValue, right: PortableValue): number {
  if (typeof left === 'string' && typeof right === 'string') return compareTexts(left, right);
  const [a, b] = [plainForm(left), plainForm(right)];
  const [kind, other] = [comparisonKind(a), comparisonKind(b)];
  if (kind !== other) return compareKinds(kind, other);
  switch (kind) {
    case 'null':
      return 0;
    case 'number':
      return compareNumbers(exactNumber(a), exactNumber(b));
    case 'boolean':
      return Number(a) - Number(b);
    case 'bytes':
      return Buffer.compare(a as Uint8Array, b as Uint8Array);
    case 'instant':
      return compareInstants(textOf(a), textOf(b));
    case 'array':
      return compareLists(a as PortableValue[], b as PortableValue[]);
    case 'document':
      return compareLists(sortedFields(a as Map<string, PortableValue>), sortedFields(b as Map<string, PortableValue>));
    case 'range':
      return compareTexts(canonicalText({ kind: 'dynamic' }, a), canonicalText({ kind: 'dynamic' }, b));
    default:
      return compareTexts(textOf(a), textOf(b));
  }
}

function compareKinds(left: string, right: string): number {
  const [a, b] = [kindOrder.indexOf(left), kindOrder.indexOf(right)];
  if (a === -1 && b === -1) return compareTexts(left, right);
  if (a === -1 || b === -1) return a === -1 ? 1 : -1;
  return Math.sign(a - b);
}

function exactNumber(value: PortableValue): ExactNumber {
  if (!(value instanceof Tagged)) return value as number | bigint;
  return value.type.kind === 'float32' ? singleDigits(value.value as number) : (value.value as ExactNumber);
}

function textOf(value: PortableValue): string {
  return String(value instanceof Tagged ? value.value : value);
}

function compareInstants(left: string, right: string): number {
  const [a, b] = [pointInTime(left), pointInTime(right)];
  if (a !== b) return a < b ? -1 : 1;
  return typeof a === 'number' ? compareTexts(left, right) : 0;
}

/** Microseconds; beyond the years that can be computed with, and for the infinities, an infinite number. */
function pointInTime(text: string): bigint | number {
  const beyond = text.startsWith('-') ? -Infinity : Infinity;
  if (isInfinite(text)) return beyond;
  try {
    return parseTimestamp(text).micros;
  } catch (error) {
    if (error instanceof ConversionError) return beyond;
    throw error;
  }
}

function compareLists(left: readonly PortableValue[], right: readonly PortableValue[]): number {
  for (let index = 0; index < left.length && index < right.length; index++) {
    const order = compareValues(left[index]!, right[index]!);
    if (order !== 0) return order;
  }
  return Math.sign(left.length - right.length);
}

function sortedFields(document: ReadonlyMap<string, PortableValue>): PortableValue[] {
  return [...document].sort(([left], [right]) => compareTexts(left, right)).flat();
}
