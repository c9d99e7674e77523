import { type Conditions, type JsonValue, type PortableDocument, type PortableValue, Tagged } from '@polyshift/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compileConditions } from '../src/conditions/compile-conditions.ts';

const fields = ['a', 'b'] as const;

const number: fc.Arbitrary<PortableValue> = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.integer({ min: -3, max: 3 }).map(BigInt),
  fc.constantFrom(0.5, -0.5, 2.25, 2 ** 53),
  fc.constantFrom(2n ** 53n, 2n ** 53n + 1n),
  fc.constantFrom('-3', '0.50', '2.250', '9007199254740993.0').map((digits) => new Tagged({ kind: 'decimal' }, digits)),
);
const sign = fc.constantFrom('a', 'b', 'A', '%', '_', '\\', '\uffff', '\u{1f600}', '.', '\n');
const text = fc.array(sign, { maxLength: 3 }).map((signs) => signs.join(''));
const scalar = fc.oneof(number, text, fc.boolean());
const row: fc.Arbitrary<PortableDocument> = fc
  .record({ a: fc.option(scalar), b: fc.option(scalar) }, { requiredKeys: [] })
  .map((values) => new Map(Object.entries(values)));

const operand: fc.Arbitrary<JsonValue> = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom<JsonValue>(0.5, -0.5, 2.25, 2 ** 53, { $numberDecimal: '9007199254740993' }, true, false),
  text,
);
const comparison = fc.oneof(
  fc.record({ operator: fc.constantFrom('eq', 'ne', 'gt', 'gte', 'lt', 'lte'), value: fc.option(operand) }),
  fc.record({ operator: fc.constantFrom('in', 'nin'), value: fc.array(fc.option(operand), { maxLength: 3 }) }),
  fc.record({ operator: fc.constant('like'), value: text }),
  fc.record({ operator: fc.constant('is_null'), value: fc.boolean() }),
);
const { node } = fc.letrec<{ node: Conditions }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    fc.tuple(fc.constantFrom(...fields), comparison).map(([field, { operator, value }]) => ({ [field]: { [operator]: value } })),
    fc
      .tuple(fc.constantFrom(...fields), comparison)
      .map(([field, each]) => ({ [field]: { not: { [each.operator]: each.value } } })),
    fc
      .tuple(fc.constantFrom('and', 'or'), fc.array(tie('node'), { minLength: 1, maxLength: 2 }))
      .map(([word, of]) => ({ [word]: of })),
    tie('node').map((of) => ({ not: of })),
  ),
}));

it('chooses the rows that an independent reading of the reference chooses', () => {
  fc.assert(
    fc.property(node, row, (conditions, document) => {
      expect(compileConditions(conditions)(document)).toBe(holds(conditions, document));
    }),
    { numRuns: 3000 },
  );
});

/** The reference, read as SQL reads it: null makes a comparison unknown, and what is unknown is not true. */
function holds(conditions: Conditions, document: PortableDocument): boolean {
  return Object.entries(conditions).every(([name, value]) => {
    if (name === 'and') return (value as Conditions[]).every((each) => holds(each, document));
    if (name === 'or') return (value as Conditions[]).some((each) => holds(each, document));
    if (name === 'not') return !holds(value as Conditions, document);
    return fieldHolds(document.get(name) ?? null, value as Record<string, JsonValue>);
  });
}

function fieldHolds(value: PortableValue, comparisons: Record<string, JsonValue>): boolean {
  return Object.entries(comparisons).every(([operator, operand]) => {
    const list = (Array.isArray(operand) ? operand : [operand]).filter((each) => each !== null);
    const orders = list.map((each) => order(value, each));
    switch (operator) {
      case 'not':
        return !fieldHolds(value, operand as Record<string, JsonValue>);
      case 'is_null':
        return (value === null) === operand;
      case 'like':
        return typeof value === 'string' && like([...value], [...(operand as string)]);
      case 'eq':
        return operand === null ? value === null : orders[0] === 0;
      case 'ne':
        return operand === null ? value !== null : orders[0] !== 0;
      case 'in':
        return orders.includes(0);
      case 'nin':
        return !orders.includes(0);
      case 'gt':
        return orders[0] === 1;
      case 'gte':
        return orders[0] === 1 || orders[0] === 0;
      case 'lt':
        return orders[0] === -1;
      default:
        return orders[0] === -1 || orders[0] === 0;
    }
  });
}

/** -1, 0, 1, or undefined for what does not compare. */
function order(left: PortableValue, right: JsonValue): number | undefined {
  if (typeof left === 'boolean' && typeof right === 'boolean') return Math.sign(Number(left) - Number(right));
  if (typeof left === 'string' && typeof right === 'string') {
    const [a, b] = [left, right].map((each) => [...each].map((one) => one.codePointAt(0)!.toString().padStart(8, '0')).join());
    return a === b ? 0 : a! < b! ? -1 : 1;
  }
  const [a, b] = [micros(left), micros(right as PortableValue)];
  return a === undefined || b === undefined ? undefined : a === b ? 0 : a < b ? -1 : 1;
}

/** A number in millionths, all of which are whole here. */
function micros(value: PortableValue | { $numberDecimal: string }): bigint | undefined {
  if (typeof value === 'bigint') return value * 1_000_000n;
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) * 1_000_000n : BigInt(value * 1_000_000);
  const digits = value instanceof Tagged ? String(value.value) : (value as { $numberDecimal?: string } | null)?.$numberDecimal;
  if (digits === undefined) return undefined;
  const [whole = '', fraction = ''] = digits.split('.');
  return BigInt(`${whole}${fraction.padEnd(6, '0')}`);
}

function like(value: readonly string[], pattern: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return value.length === 0;
  if (first === '%') return like(value, rest) || (value.length > 0 && like(value.slice(1), pattern));
  const [wanted, after] =
    first === '\\' && rest.length > 0 ? [rest[0], rest.slice(1)] : [first === '_' ? undefined : first, rest];
  return value.length > 0 && (wanted === undefined || wanted === value[0]) && like(value.slice(1), after);
}
