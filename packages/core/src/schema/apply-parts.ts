import type { Operation } from '../operation/registry.ts';
import { ownValue } from '../value/own-value.ts';
import type { CollectionSchema, FieldSchema, StoreSchema } from './store-schema.ts';

/**
 * The schema after the splits and merges of an online change.
 *
 * @param before the schema before the whole change, whose names splits and keys are given in
 * @param changed the schema after its operations
 */
export function applyParts(before: StoreSchema, changed: StoreSchema, operation: Operation<'online_change'>): StoreSchema {
  const { collection, data } = operation;
  const [old, fresh] = [ownValue(before.collections, collection), ownValue(changed.collections, collection)];
  if (!old || !fresh) return changed;
  const collections = { ...changed.collections };
  let fields: readonly FieldSchema[] = fresh.fields;
  for (const { into, fields: moved, key } of data.split ?? []) {
    fields = fields.filter(({ name }) => !moved.includes(name));
    collections[into] = splitOff(old, into, key ?? old.key, moved);
  }
  for (const { from, fields: named, key } of data.merge ?? []) {
    const other = ownValue(before.collections, from);
    delete collections[from];
    const taken = other?.fields.filter(({ name }) => named?.includes(name) ?? !(key ?? other.key).includes(name)) ?? [];
    fields = [...fields, ...taken.map((each) => ({ ...each, nullable: true }))];
  }
  collections[collection] = { ...fresh, fields };
  return { collections };
}

/** The collection that gets some fields of another one, behind the key of that under other names. */
function splitOff(old: CollectionSchema, name: string, key: readonly string[], moved: readonly string[]): CollectionSchema {
  const keys = old.key.flatMap((each, at) => {
    const found = old.fields.find((field) => field.name === each);
    return found ? [{ ...found, name: key[at] ?? each, nullable: false }] : [];
  });
  const fields = [...keys, ...old.fields.filter((field) => moved.includes(field.name))];
  return { name, kind: old.kind, fields, key, indexes: [], constraints: [] };
}
