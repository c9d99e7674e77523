import {
  type ComparisonOperator,
  type ConditionNode,
  type Conditions,
  comparisonOperators,
  type JsonValue,
  nearest,
  PolyshiftError,
  type PortableDocument,
  type PortableValue,
  parseConditions,
  Tagged,
} from '@polyshift/core';
import { someAt } from '../values/field-path.ts';
import { likePattern } from './like-pattern.ts';
import { Operand } from './operand.ts';

/** Whether a document is meant. */
export type DocumentTest = (document: PortableDocument) => boolean;

type ValueTest = (value: PortableValue) => boolean;

/**
 * Compiles conditions into a test of documents with the meaning that they have on every store: null and missing are the same, `ne` and `nin`
 * hold for them, no other comparison does. Numbers of all types compare by value, without rounding; texts by code points; a text of the
 * conditions compares with dates, times, uuids and the like as one of them; other kinds never compare. A field may be a dotted path; a
 * comparison with an array holds where it holds for the array or for one of its elements. Throws INVALID_DOCUMENT.
 */
export function compileConditions(conditions: Conditions | undefined): DocumentTest {
  return compile(parseConditions(conditions));
}

function compile(node: ConditionNode): DocumentTest {
  switch (node.kind) {
    case 'all': {
      const tests = node.of.map(compile);
      return (document) => tests.every((test) => test(document));
    }
    case 'any': {
      const tests = node.of.map(compile);
      return (document) => tests.some((test) => test(document));
    }
    case 'not': {
      const test = compile(node.of);
      return (document) => !test(document);
    }
    case 'compare':
      return compare(node.field, node.operator, node.value);
  }
}

const orders = {
  gt: (order: number) => order > 0,
  gte: (order: number) => order >= 0,
  lt: (order: number) => order < 0,
  lte: (order: number) => order <= 0,
} as const;

function compare(field: string, operator: ComparisonOperator, value: JsonValue): DocumentTest {
  switch (operator) {
    case 'eq':
      return some(field, equalTo([value]));
    case 'ne':
      return none(field, equalTo([value]));
    case 'in':
      return some(field, equalTo(listOf(field, operator, value)));
    case 'nin':
      return none(field, equalTo(listOf(field, operator, value)));
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return some(field, ordered(value, orders[operator]));
    case 'like':
      return some(field, likes(field, value));
    case 'is_null':
      return value ? none(field, isPresent) : some(field, isPresent);
    default:
      throw invalid(field, `has no operator ${String(operator)}`, hintFor(operator));
  }
}

function some(field: string, test: ValueTest): DocumentTest {
  return (document) => someAt(document, field, test);
}

function none(field: string, test: ValueTest): DocumentTest {
  return (document) => !someAt(document, field, test);
}

const isPresent: ValueTest = (value) => value !== null;

/** Null is no value: it is equal to nothing and in no list. */
function equalTo(values: readonly JsonValue[]): ValueTest {
  const operands = values.filter((value) => value !== null).map((value) => Operand.of(value));
  return (value) => value !== null && operands.some((operand) => operand.equals(value));
}

function ordered(value: JsonValue, holds: (order: number) => boolean): ValueTest {
  if (value === null) return () => false;
  const operand = Operand.of(value);
  return (each) => {
    const order = operand.order(each);
    return order !== undefined && holds(order);
  };
}

function likes(field: string, value: JsonValue): ValueTest {
  if (typeof value !== 'string') throw invalid(field, 'needs a text for like');
  const pattern = likePattern(value);
  return (each) => {
    const text = textForm(each);
    return text !== undefined && pattern.test(text);
  };
}

/** The text of a value that is written as one; numbers, booleans and bytes are none. */
function textForm(value: PortableValue): string | undefined {
  if (typeof value === 'string') return value;
  return value instanceof Tagged && typeof value.value === 'string' && value.type.kind !== 'decimal' ? value.value : undefined;
}

function listOf(field: string, operator: string, value: JsonValue): readonly JsonValue[] {
  if (Array.isArray(value)) return value;
  throw invalid(field, `needs a list for ${operator} instead of ${JSON.stringify(value)}`);
}

function hintFor(operator: string): string {
  const close = nearest(operator, comparisonOperators);
  return `${close === undefined ? '' : `Did you mean ${close}? `}Operators are ${comparisonOperators.join(', ')} and not.`;
}

function invalid(field: string, what: string, hint?: string): PolyshiftError {
  return new PolyshiftError('INVALID_DOCUMENT', `The condition of ${field} ${what}.`, {
    place: { path: `conditions.${field}` },
    ...(hint === undefined ? {} : { hint }),
  });
}
