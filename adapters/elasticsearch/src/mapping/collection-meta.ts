import type { JsonObject, JsonValue } from '@polyshift/core';

/** What the `_meta` of a mapping keeps for polyshift. */
export interface CollectionMeta {
  /** The fields whose values make the `_id`; `['_id']` where the documents have it of their own. */
  readonly key: readonly string[];
  /** The stored validation schema with its level and action. */
  readonly validation?: JsonObject | undefined;
}

const name = 'polyshift';

/** The key of documents whose mapping names none. */
export const idKey: readonly string[] = ['_id'];

/** What a mapping says of its collection. */
export function metaOf(mappings: JsonObject): CollectionMeta {
  const kept = ((mappings['_meta'] as JsonObject | undefined)?.[name] ?? {}) as JsonObject;
  const validation = kept['validation'] as JsonObject | undefined;
  return { key: (kept['key'] as string[] | undefined) ?? idKey, ...(validation ? { validation } : {}) };
}

/** The `_meta` of a mapping with something of it changed; what is undefined is taken away, and what others keep there stays. */
export function changedMeta(mappings: JsonObject, change: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  const all = { ...(mappings['_meta'] as JsonObject | undefined) };
  const kept: JsonObject = { ...(all[name] as JsonObject | undefined) };
  for (const [field, value] of Object.entries(change)) {
    if (value === undefined) delete kept[field];
    else kept[field] = value;
  }
  const { [name]: _old, ...others } = all;
  return Object.keys(kept).length > 0 ? { ...others, [name]: kept } : others;
}
