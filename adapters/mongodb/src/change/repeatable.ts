/**
 * Operators of aggregation expressions whose result depends on nothing but their arguments: evaluated twice over the same document, they give the same
 * value. Others ($rand, $function, and what later servers bring) are not among them: a change that has one goes through the client.
 */
const repeatable: ReadonlySet<string> = new Set(
  `abs add ceil divide exp floor ln log log10 mod multiply pow round sqrt subtract trunc
  arrayElemAt arrayToObject concatArrays filter first firstN in indexOfArray isArray last lastN map maxN minN objectToArray range reduce
  reverseArray size slice sortArray zip and not or cmp eq gt gte lt lte ne cond ifNull switch
  dateAdd dateDiff dateFromParts dateFromString dateSubtract dateToParts dateToString dateTrunc dayOfMonth dayOfWeek dayOfYear hour
  isoDayOfWeek isoWeek isoWeekYear millisecond minute month second toDate week year
  literal mergeObjects getField setField unsetField allElementsTrue anyElementTrue setDifference setEquals setIntersection setIsSubset setUnion
  concat indexOfBytes indexOfCP ltrim regexFind regexFindAll regexMatch replaceOne replaceAll rtrim split strLenBytes strLenCP strcasecmp
  substr substrBytes substrCP toLower toString trim toUpper
  sin cos tan asin acos atan atan2 asinh acosh atanh sinh cosh tanh degreesToRadians radiansToDegrees
  convert isNumber toBool toDecimal toDouble toInt toLong toObjectId type binarySize bsonSize bitAnd bitOr bitXor bitNot
  avg max min sum stdDevPop stdDevSamp let tsSecond tsIncrement`
    .split(/\s+/)
    .map((name) => `$${name}`),
);

/** Whether an expression, or the fields and expressions of a stage, give the same for the same fields, however often and beside whatever other fields. */
export function isRepeatable(value: unknown): boolean {
  if (typeof value === 'string') return !value.startsWith('$$') || isOwnVariable(value);
  if (Array.isArray(value)) return value.every(isRepeatable);
  if (value instanceof Map) return [...value].every(([name, inner]) => isRepeatableEntry(String(name), inner));
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return true;
  return Object.entries(value).every(([name, inner]) => isRepeatableEntry(name, inner));
}

function isRepeatableEntry(name: string, value: unknown): boolean {
  if (name === '$literal') return true;
  return (!name.startsWith('$') || repeatable.has(name)) && isRepeatable(value);
}

/** Variables of the expression itself start with a small letter; of those of the server, only $$REMOVE does not depend on anything. */
function isOwnVariable(text: string): boolean {
  return /^\$\$(?:[a-z]|[^\0-\x7f]|REMOVE$)/.test(text);
}
