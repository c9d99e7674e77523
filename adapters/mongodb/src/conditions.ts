import {
  type ComparisonOperator,
  type ConditionNode,
  type Conditions,
  type JsonValue,
  PolyshiftError,
  parseConditions,
} from '@polyshift/core';
import { Binary, type Document, ObjectId } from 'mongodb';
import { jsonToBson } from './values/json-value.ts';

/** A filter that no document meets. */
const never: Document = { _id: { $in: [] } };

/**
 * Conditions as a MongoDB filter. Values are data: they stand behind an operator, where `$` has no meaning. Null and missing are the
 * same, as the conditions' reference says. A comparison with an array field holds where it holds for one of its elements.
 *
 * @param widen whether a text that reads as a date, an ObjectId or a UUID also finds the value of that type (default), so that specs
 * can name them as in SQL; comparisons hold only within a type, so nothing else is found by it
 */
export function conditionFilter(conditions: Conditions | undefined, widen = true): Document {
  return nodeFilter(parseConditions(conditions), widen);
}

function nodeFilter(node: ConditionNode, widen: boolean): Document {
  switch (node.kind) {
    case 'all':
      if (node.of.length === 0) return {};
      return node.of.length === 1 ? nodeFilter(node.of[0]!, widen) : { $and: node.of.map((each) => nodeFilter(each, widen)) };
    case 'any':
      return { $or: node.of.map((each) => nodeFilter(each, widen)) };
    case 'not':
      return { $nor: [nodeFilter(node.of, widen)] };
    case 'compare':
      return comparison(node.field, node.operator, node.value, widen);
  }
}

function comparison(field: string, operator: ComparisonOperator, value: JsonValue, widen: boolean): Document {
  if (field.startsWith('$')) {
    throw new PolyshiftError(
      'INVALID_DOCUMENT',
      `a condition names the field ${field}; operators of MongoDB are not taken here`,
      {
        hint: 'Conditions use eq, ne, gt, gte, lt, lte, in, nin, like, is_null, and, or, not.',
      },
    );
  }
  const forms = (each: JsonValue): unknown[] => (widen ? valueForms(each) : [jsonToBson(each)]);
  switch (operator) {
    case 'eq':
      return oneOf(field, forms(value));
    case 'in':
      return oneOf(field, (value as JsonValue[]).filter((each) => each !== null).flatMap(forms));
    case 'ne':
      return { [field]: { $nin: forms(value) } };
    case 'nin':
      return { [field]: { $nin: (value as JsonValue[]).filter((each) => each !== null).flatMap(forms) } };
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte': {
      if (value === null) return never;
      const all = forms(value).map((form) => ({ [field]: { [`$${operator}`]: form } }));
      return all.length === 1 ? all[0]! : { $or: all };
    }
    case 'like':
      return { [field]: { $regex: likePattern(value as string), $options: 's' } };
    case 'is_null':
      // Equality with null alone would also hold for an array that has a null in it.
      return value
        ? { [field]: { $eq: null, $not: { $type: 4 } } }
        : { $or: [{ [field]: { $ne: null } }, { [field]: { $type: 4 } }] };
  }
}

function oneOf(field: string, values: unknown[]): Document {
  return values.length === 1 ? { [field]: { $eq: values[0] } } : { [field]: { $in: values } };
}

const isoDate = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;

/** The values that a JSON value of a condition may mean. */
function valueForms(value: JsonValue): unknown[] {
  const plain = jsonToBson(value);
  if (typeof value !== 'string') return [plain];
  if (/^[0-9a-f]{24}$/i.test(value)) return [plain, new ObjectId(value)];
  if (/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(value)) {
    return [plain, new Binary(Buffer.from(value.replaceAll('-', ''), 'hex'), Binary.SUBTYPE_UUID)];
  }
  if (isoDate.test(value)) {
    const zoned = /(?:Z|[+-]\d\d:?\d\d)$/.test(value) || value.length === 10;
    const date = new Date(zoned ? value : `${value.replace(' ', 'T')}Z`);
    if (!Number.isNaN(date.getTime())) return [plain, date];
  }
  return [plain];
}

/** SQL's pattern as a regular expression over the whole text. */
export function likePattern(pattern: string): string {
  let result = '^';
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern[index]!;
    if (character === '%') result += '.*';
    else if (character === '_') result += '.';
    else result += escapePattern(character === '\\' && index + 1 < pattern.length ? pattern[++index]! : character);
  }
  return `${result}\\z`;
}

function escapePattern(character: string): string {
  return /[\\^$.|?*+()[\]{}/-]/.test(character) ? `\\${character}` : character;
}

/** A filter that meets both. */
export function both(left: Document, right: Document): Document {
  if (Object.keys(left).length === 0) return right;
  if (Object.keys(right).length === 0) return left;
  return { $and: [left, right] };
}
