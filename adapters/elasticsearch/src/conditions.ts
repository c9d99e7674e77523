import { compileConditions, type DocumentTest } from '@polyshift/adapter-kit';
import { type ConditionNode, type Conditions, type JsonObject, type JsonValue, parseConditions } from '@polyshift/core';
import type { FieldType, FieldTypes } from './mapping/field-types.ts';

/** How the rows that meet conditions are found: a query that finds them and may find others, and the test that tells. */
export interface Filter {
  /** Undefined where the server cannot narrow it down. */
  readonly query: JsonObject | undefined;
  /** Undefined where every document meets the conditions. */
  readonly test: DocumentTest | undefined;
}

/** Whole numbers: the index holds what is before the point. */
const whole = new Set(['byte', 'integer', 'long', 'short']);

/** How each comparison narrows: never more than inclusive, since an index holds numbers rounded and times cut to milliseconds. */
const bounds = { gt: 'gte', gte: 'gte', lt: 'lte', lte: 'lte' } as const;

/**
 * Conditions of a collection. Searches of Elasticsearch see what its index holds: texts without what an analyzer drops, nothing of arrays' borders and of
 * empty arrays, numbers rounded. So a query only narrows down, and each document that it finds is tested as it is.
 */
export function conditionFilter(conditions: Conditions | undefined, fields: FieldTypes): Filter {
  const node = parseConditions(conditions);
  if (node.kind === 'all' && node.of.length === 0) return { query: undefined, test: undefined };
  return { query: narrowing(node, fields), test: compileConditions(conditions) };
}

/** A query that finds at least what a condition means; undefined where none is known. */
function narrowing(node: ConditionNode, fields: FieldTypes): JsonObject | undefined {
  switch (node.kind) {
    case 'all': {
      const parts = node.of.map((each) => narrowing(each, fields)).filter((each) => each !== undefined);
      return parts.length === 0 ? undefined : { bool: { filter: parts } };
    }
    case 'any': {
      const parts = node.of.map((each) => narrowing(each, fields));
      return parts.some((each) => each === undefined)
        ? undefined
        : { bool: { should: parts as JsonObject[], minimum_should_match: 1 } };
    }
    case 'not':
      return undefined;
    case 'compare': {
      const type = fields.get(node.field);
      return type && isSearchable(type) ? comparison(type, node.operator, node.value) : undefined;
    }
  }
}

/** Whether what the index holds of a field is what the documents have in it. */
function isSearchable({ definition }: FieldType): boolean {
  const { index, ignore_malformed, null_value, normalizer, script, copy_to } = definition;
  return (
    index !== false && ignore_malformed !== true && [null_value, normalizer, script, copy_to].every((each) => each === undefined)
  );
}

function comparison(type: FieldType, operator: string, value: JsonValue): JsonObject | undefined {
  switch (operator) {
    case 'eq':
      return oneOf(type, [value]);
    case 'in':
      return Array.isArray(value) ? oneOf(type, value) : undefined;
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return isNumeric(type) && typeof value === 'number'
        ? { range: { [type.path]: { [bounds[operator]]: indexed(type, value) } } }
        : undefined;
    default:
      return undefined;
  }
}

/** Numbers whose order is that of their values in the index; those with a factor or fewer bits may cross each other when they are rounded. */
function isNumeric({ native }: FieldType): boolean {
  return whole.has(native) || native === 'double';
}

/** A number as the index of a field has it. */
function indexed({ native }: FieldType, value: JsonValue): JsonValue {
  return whole.has(native) ? Math.trunc(value as number) : value;
}

function oneOf(type: FieldType, values: readonly JsonValue[]): JsonObject | undefined {
  if (isNumeric(type)) {
    if (!values.every((each) => typeof each === 'number')) return undefined;
    // Equal numbers may have been rounded when they were indexed, and are then found between the two bounds.
    return anyOf(values.map((each) => ({ range: { [type.path]: { gte: indexed(type, each), lte: indexed(type, each) } } })));
  }
  if (type.native === 'boolean' && values.every((each) => typeof each === 'boolean'))
    return { terms: { [type.path]: [...values] } };
  const field = keywordOf(type);
  if (!field || !values.every((each) => typeof each === 'string' && each.length <= field.longest)) return undefined;
  return { terms: { [field.path]: [...values] } };
}

function anyOf(parts: JsonObject[]): JsonObject {
  return { bool: { should: parts, minimum_should_match: 1 } };
}

/** Where a text is indexed as a whole: the field itself, or a keyword inside of it. */
function keywordOf(type: FieldType): { path: string; longest: number } | undefined {
  const whole = (path: string, definition: JsonObject) => {
    if (definition['type'] !== 'keyword' || definition['normalizer'] !== undefined) return undefined;
    return { path, longest: Number(definition['ignore_above'] ?? Number.POSITIVE_INFINITY) };
  };
  // Of a keyword that holds decimals, dates and the like, equal values may be written in several ways.
  if (type.portable.kind !== 'text') return undefined;
  const inside = Object.entries((type.definition['fields'] ?? {}) as Record<string, JsonObject>);
  return (
    whole(type.path, type.definition) ??
    inside.map(([name, each]) => whole(`${type.path}.${name}`, each)).find((each) => each !== undefined)
  );
}
