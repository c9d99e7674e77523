import type { IndexSchema, JsonObject, JsonValue } from '@polyshift/core';
import { ownValue } from '@polyshift/core';
import { BSON, type Document } from 'mongodb';

const { EJSON } = BSON;

/** Options that say nothing about what the index does: the format of its storage, and how it was once built. */
const immaterial = new Set(['v', 'ns', 'background']);

/** The values that the server leaves out of a listing; leaving them out here too makes equal indexes equal. */
const defaults: Readonly<Record<string, JsonValue>> = { unique: false, sparse: false, hidden: false };

/** An index as listIndexes gives it (read with `exact`), complete enough to build it again. */
export function indexSchema(listed: Document): IndexSchema {
  const keys = Object.entries(listed['key'] as Document).map(([field, direction]) => ({
    field,
    direction: plainDirection(direction),
  }));
  const definition: JsonObject = { keys: keys.map(({ field, direction }) => [field, direction]) };
  for (const [option, value] of Object.entries(EJSON.serialize(listed, { relaxed: false }) as JsonObject)) {
    if (option === 'key' || immaterial.has(option) || defaults[option] === value) continue;
    definition[option] = value;
  }
  return { name: String(listed['name']), keys, unique: listed['unique'] === true, definition };
}

/** What createIndexes takes to build an index of this definition, under its own name or another. */
export function indexSpecification(definition: JsonObject, name = String(definition['name'])): Document {
  const { keys, ...options } = definition;
  return {
    ...EJSON.deserialize(options, { relaxed: false }),
    key: new Map(keys as [string, string | number][]),
    name,
  };
}

/** Text indexes are listed with fields of their own; their keys go by number or by kind. */
function plainDirection(direction: unknown): JsonValue {
  if (typeof direction === 'string') return direction;
  const number = Number(direction);
  return Number.isNaN(number) ? (EJSON.serialize({ direction } as never)['direction'] as JsonValue) : number;
}

/** JSON with the keys of objects in order: equal values have equal texts. Numbers of Extended JSON are compared as numbers. */
export function canonicalJson(value: JsonValue): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const keys = Object.keys(value).sort();
  const number = keys.length === 1 && /^\$number(?:Int|Long|Double)$/.test(keys[0]!);
  if (number) return String(Number(value[keys[0]!]));
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key]!)}`).join(',')}}`;
}

/** Whether an index of the server is the one that was asked for: the server adds defaults (versions, collation details), which do not count. */
export function describesIndex(wanted: JsonObject, found: JsonObject): boolean {
  if (canonicalJson(wanted['keys'] ?? null) !== canonicalJson(plainKeys(found))) return false;
  for (const option of ['unique', 'sparse', 'hidden']) {
    if ((wanted[option] ?? false) !== (found[option] ?? false)) return false;
  }
  for (const option of ['partialFilterExpression', 'expireAfterSeconds', 'collation', 'wildcardProjection']) {
    if (!covers(wanted[option] ?? null, found[option] ?? null, option === 'collation')) return false;
  }
  return true;
}

/** A text index is listed with `_fts` in place of its text fields, which stand among the weights. */
function plainKeys(found: JsonObject): JsonValue {
  const keys = (found['keys'] ?? []) as [string, JsonValue][];
  if (!keys.some(([field]) => field === '_fts')) return keys;
  const texts = Object.keys((found['weights'] ?? {}) as JsonObject).map((field): [string, JsonValue] => [field, 'text']);
  return keys.flatMap(([field, direction]): [string, JsonValue][] =>
    field === '_fts' ? texts : field === '_ftsx' ? [] : [[field, direction]],
  );
}

function covers(wanted: JsonValue, found: JsonValue, partly: boolean): boolean {
  if (!partly || wanted === null || found === null) return canonicalJson(wanted) === canonicalJson(found);
  return Object.entries(wanted as JsonObject).every(
    ([key, value]) => canonicalJson(value) === canonicalJson(ownValue(found as JsonObject, key) ?? null),
  );
}
