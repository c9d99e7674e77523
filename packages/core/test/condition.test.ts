import { type Conditions, conditionFields, conditionsSchema, parseConditions } from '@polyshift/core';
import { describe, expect, it } from 'vitest';

const compare = (field: string, operator: string, value: unknown) => ({ kind: 'compare', field, operator, value });

describe('conditions', () => {
  it.each<[Conditions, unknown]>([
    [{ active: true }, compare('active', 'eq', true)],
    [{ deleted_at: null }, compare('deleted_at', 'is_null', true)],
    [{ deleted_at: { ne: null } }, compare('deleted_at', 'is_null', false)],
    [{ age: { gte: 18, lt: 65 } }, { kind: 'all', of: [compare('age', 'gte', 18), compare('age', 'lt', 65)] }],
    [{ not: { age: { gt: 5 } } }, { kind: 'not', of: compare('age', 'gt', 5) }],
    [{ age: { not: { gt: 5 } } }, { kind: 'not', of: { kind: 'all', of: [compare('age', 'gt', 5)] } }],
    [{ or: [{ a: 1 }, { b: { in: [1, 2] } }] }, { kind: 'any', of: [compare('a', 'eq', 1), compare('b', 'in', [1, 2])] }],
    [{ and: [{ a: 1 }, { a: { ne: 2 } }] }, { kind: 'all', of: [compare('a', 'eq', 1), compare('a', 'ne', 2)] }],
    [{}, { kind: 'all', of: [] }],
  ])('%j is parsed', (conditions, tree) => {
    expect(parseConditions(conditionsSchema.parse(conditions))).toEqual(tree);
  });

  it.each([
    [{ age: { gtt: 1 } }],
    [{ age: { like: 5 } }],
    [{ and: [] }],
    [{ or: { a: 1 } }],
    [{ age: [1, 2] }],
    [{ age: { in: 5 } }],
  ])('%j is refused', (conditions) => {
    expect(conditionsSchema.safeParse(conditions).success).toBe(false);
  });

  it('names each field once', () => {
    expect(conditionFields(parseConditions({ a: 1, or: [{ b: 2 }, { a: { gt: 1 } }], not: { c: 1 } }))).toEqual(['a', 'b', 'c']);
  });
});
