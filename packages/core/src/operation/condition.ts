import { z } from 'zod';
import type { JsonValue } from '../value/json.ts';

/**
 * Which rows or documents: the same language in operations and ETL specs. A field maps to a value (equality) or to comparisons;
 * several fields and several comparisons must all hold. `and`, `or` take a list of conditions, `not` one condition.
 * Values are always bound as parameters, never pasted into a statement.
 *
 * `{ active: true, age: { gte: 18, lt: 65 }, or: [{ country: 'DE' }, { country: { is_null: true } }] }`
 */
export type Conditions = { readonly [field: string]: unknown };

/** The comparison operators, in the order of the reference. `like` uses SQL's `%` and `_`, escaped by a backslash, case-sensitive. */
export const comparisonOperators = ['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'in', 'nin', 'like', 'is_null'] as const;

/** One comparison operator. */
export type ComparisonOperator = (typeof comparisonOperators)[number];

/**
 * A condition as a tree, as adapters compile it. SQL and document stores treat missing and null alike here: `is_null: true` holds for
 * both, every other comparison but `ne` and `nin` with a null or missing field does not hold; `ne` and `nin` hold for it.
 */
export type ConditionNode =
  | { readonly kind: 'all'; readonly of: readonly ConditionNode[] }
  | { readonly kind: 'any'; readonly of: readonly ConditionNode[] }
  | { readonly kind: 'not'; readonly of: ConditionNode }
  | { readonly kind: 'compare'; readonly field: string; readonly operator: ComparisonOperator; readonly value: JsonValue };

const json: z.ZodType<JsonValue> = z.lazy(() =>
  z.union([z.null(), z.boolean(), z.number(), z.string(), z.array(json), z.record(z.string(), json)]),
);

const comparisons = z.strictObject({
  eq: json.optional().describe('equal; null means is_null: true'),
  ne: json.optional().describe('not equal, or null'),
  gt: json.optional().describe('greater than'),
  gte: json.optional().describe('greater than or equal'),
  lt: json.optional().describe('less than'),
  lte: json.optional().describe('less than or equal'),
  in: z.array(json).optional().describe('one of the values'),
  nin: z.array(json).optional().describe('none of the values, or null'),
  like: z.string().optional().describe("a pattern with SQL's % and _, case-sensitive"),
  is_null: z.boolean().optional().describe('null or missing (true), or present and not null (false)'),
  not: z
    .lazy((): z.ZodType => comparisons)
    .optional()
    .describe('the comparisons inside do not hold'),
});

const fieldCondition = z.union([z.null(), z.boolean(), z.number(), z.string(), comparisons]);

/** Checks {@link Conditions}. */
export const conditionsSchema: z.ZodType<Conditions> = z.lazy(() =>
  z
    .object({
      and: z.array(conditionsSchema).min(1).optional(),
      or: z.array(conditionsSchema).min(1).optional(),
      not: conditionsSchema.optional(),
    })
    .catchall(fieldCondition)
    .describe('which rows: field to value, or to comparisons; and, or, not'),
) as z.ZodType<Conditions>;

/** Turns conditions that {@link conditionsSchema} has accepted into a tree; undefined and `{}` mean every row. */
export function parseConditions(conditions: Conditions | undefined): ConditionNode {
  const of: ConditionNode[] = [];
  for (const [field, value] of Object.entries(conditions ?? {})) {
    if (value === undefined) continue;
    if (field === 'and' && Array.isArray(value))
      of.push({ kind: 'all', of: value.map((each) => parseConditions(each as Conditions)) });
    else if (field === 'or' && Array.isArray(value))
      of.push({ kind: 'any', of: value.map((each) => parseConditions(each as Conditions)) });
    else if (field === 'not' && typeof value === 'object' && value !== null)
      of.push({ kind: 'not', of: parseConditions(value as Conditions) });
    else of.push(...fieldComparisons(field, value));
  }
  return of.length === 1 ? of[0]! : { kind: 'all', of };
}

function fieldComparisons(field: string, value: unknown): ConditionNode[] {
  if (value === null) return [{ kind: 'compare', field, operator: 'is_null', value: true }];
  if (typeof value !== 'object') return [{ kind: 'compare', field, operator: 'eq', value: value as JsonValue }];
  return Object.entries(value).map(([operator, operand]): ConditionNode => {
    if (operator === 'not') return { kind: 'not', of: { kind: 'all', of: fieldComparisons(field, operand) } };
    if (operator === 'eq' && operand === null) return { kind: 'compare', field, operator: 'is_null', value: true };
    if (operator === 'ne' && operand === null) return { kind: 'compare', field, operator: 'is_null', value: false };
    return { kind: 'compare', field, operator: operator as ComparisonOperator, value: operand as JsonValue };
  });
}

/** The fields that a condition names, each once. */
export function conditionFields(node: ConditionNode): string[] {
  if (node.kind === 'compare') return [node.field];
  if (node.kind === 'not') return conditionFields(node.of);
  return [...new Set(node.of.flatMap(conditionFields))];
}
