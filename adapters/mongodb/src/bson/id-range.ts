import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  Decimal128,
  type Document,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'mongodb';

/**
 * The type brackets of the server's sort order, lowest first, by the numbers of $type. Comparison operators hold only within a bracket, so a
 * range over _ids of several types needs the brackets beside it named too. Arrays and undefined cannot be an _id, but cost nothing here.
 */
const brackets: readonly (readonly number[])[] = [
  [-1],
  [6, 10],
  [1, 16, 18, 19],
  [2, 14],
  [3],
  [4],
  [5],
  [7],
  [8],
  [9],
  [17],
  [11],
  [13],
  [15],
  [127],
];

/** The _ids above `lower` (exclusive) and up to `upper` (inclusive) in the server's order of types and values; undefined is no bound. */
export function idRange(lower: unknown, upper: unknown): Document {
  const parts = [...(lower === undefined ? [] : [above(lower)]), ...(upper === undefined ? [] : [upTo(upper)])];
  if (parts.length === 0) return {};
  return parts.length === 1 ? parts[0]! : { $and: parts };
}

/**
 * The same for bounds in their order, as one interval of the index where both are in one bracket: servers do not always see that in conditions over several
 * brackets.
 */
export function idInterval(lower: unknown, upper: unknown): Document {
  const plain = lower !== undefined && isPlain(lower) && isPlain(upper);
  return plain && bracketOf(lower) === bracketOf(upper) ? { _id: { $gt: lower, $lte: upper } } : idRange(lower, upper);
}

/** The _ids above a bound that its comparison finds: those of its bracket. Undefined where comparisons do not follow the order of the server. */
export function idsOfBracketAbove(bound: unknown): Document | undefined {
  return bound !== undefined && isPlain(bound) ? { _id: { $gt: bound } } : undefined;
}

function above(bound: unknown): Document {
  const at = bracketOf(bound);
  const higher = brackets.slice(at + 1).flat();
  const branches: Document[] = [];
  // NaN is below all numbers, and no comparison with it holds.
  if (isNaNValue(bound)) branches.push({ _id: { $type: [1, 16, 18, 19], $nin: [Number.NaN] } });
  else if (!isSingle(bound)) branches.push({ _id: { $gt: bound } });
  if (higher.length > 0) branches.push({ _id: { $type: higher } });
  return either(branches);
}

function upTo(bound: unknown): Document {
  const at = bracketOf(bound);
  const lower = brackets.slice(0, at).flat();
  const branches: Document[] = [{ _id: { $eq: bound } }];
  if (!isNaNValue(bound) && !isSingle(bound)) {
    branches.push({ _id: { $lt: bound } });
    if (at === 2) branches.push({ _id: { $eq: Number.NaN } });
  }
  if (lower.length > 0) branches.push({ _id: { $type: lower } });
  return either(branches);
}

function either(branches: Document[]): Document {
  if (branches.length === 0) return { _id: { $in: [] } };
  return branches.length === 1 ? branches[0]! : { $or: branches };
}

/** Values that are alone in their bracket: the server compares some of them with other types, so they are left out of comparisons. */
function isSingle(value: unknown): boolean {
  return value === null || value === undefined || value instanceof MinKey || value instanceof MaxKey;
}

/** Values for which the comparisons of the server are those of its order. */
function isPlain(value: unknown): boolean {
  return !isSingle(value) && !isNaNValue(value);
}

function isNaNValue(value: unknown): boolean {
  if (value instanceof Double) return Number.isNaN(value.value);
  return (typeof value === 'number' && Number.isNaN(value)) || (value instanceof Decimal128 && value.toString() === 'NaN');
}

function bracketOf(value: unknown): number {
  if (value instanceof MinKey) return 0;
  if (value === null || value === undefined) return 1;
  if (typeof value === 'number' || typeof value === 'bigint') return 2;
  if (value instanceof Int32 || value instanceof Double || value instanceof Decimal128) return 2;
  // Timestamp extends Long.
  if (value instanceof Timestamp) return 10;
  if (value instanceof Long) return 2;
  if (typeof value === 'string' || value instanceof BSONSymbol) return 3;
  if (Array.isArray(value)) return 5;
  if (value instanceof Binary || value instanceof Uint8Array) return 6;
  if (value instanceof ObjectId) return 7;
  if (typeof value === 'boolean') return 8;
  if (value instanceof Date) return 9;
  if (value instanceof BSONRegExp || value instanceof RegExp) return 11;
  if (value instanceof Code) return value.scope ? 13 : 12;
  if (value instanceof MaxKey) return 14;
  return 4;
}
