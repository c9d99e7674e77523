import type { JsonObject, JsonValue } from '@polyshift/core';

/** Settings that an index has from its making on; Elasticsearch changes them on no index that is in use. */
const fixed =
  /^index\.(?:number_of_shards|number_of_routing_shards|routing_partition_size|codec|sort\.|analysis\.|similarity\.|store\.|soft_deletes\.|shard\.|mode|source\.|mapping\.(?:coerce|ignore_malformed)|load_fixed_bitset)/;

/** Whether a setting means a new index. */
export function isFixed(name: string): boolean {
  return fixed.test(name);
}

/** Settings by their full names, however they were nested: `{analysis: {analyzer: ...}}`, `number_of_replicas`. */
export function flatSettings(options: JsonObject): JsonObject {
  const flat: JsonObject = {};
  const collect = (value: JsonValue, path: string): void => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) flat[path] = value;
    else for (const [name, inner] of Object.entries(value)) collect(inner, `${path}.${name}`);
  };
  for (const [name, value] of Object.entries(options)) {
    if (name === 'index') collect(value, 'index');
    else collect(value, name.startsWith('index.') ? name : `index.${name}`);
  }
  return flat;
}

/** Settings with others on top; null takes one away, with all that is inside of it. */
export function withSettings(settings: JsonObject, change: JsonObject): JsonObject {
  const kept = Object.entries(settings).filter(
    ([name]) => !Object.keys(change).some((changed) => name === changed || name.startsWith(`${changed}.`)),
  );
  return { ...Object.fromEntries(kept), ...Object.fromEntries(Object.entries(change).filter(([, value]) => value !== null)) };
}
