import type { CollectionSchema, FieldSchema, IndexSchema, JsonObject, StoreSchema } from '@polyshift/core';
import { typeText } from '@polyshift/core';
import { type Definition, keyNames, undefinedCollection } from './definitions/definition.ts';
import type { IndexDefinition } from './indexes/index-definition.ts';
import { scanCollection, scanKeys } from './keys/scan-keys.ts';
import { type Store, send } from './store.ts';
import { streamKey } from './streams/entries.ts';

/** The schema of the named collections, or of all that a scan of the keys and the definitions show. */
export async function introspect(store: Store, names?: readonly string[]): Promise<StoreSchema> {
  const all = await store.definitions.all();
  // Those of polyshift's own are kept aside.
  const definitions = new Map([...all].filter(([name]) => !store.keys.isOwn(name)));
  const counts = names ? await countNamed(store, names) : await countAll(store, [...definitions.keys()]);
  const found = [
    ...new Set([...counts.keys(), ...[...definitions.keys()].filter((name) => !names || names.includes(name))]),
  ].sort();
  const collections = new Map<string, CollectionSchema>();
  for (const name of found) {
    const definition = definitions.get(name);
    const count = definition?.encoding === 'stream' ? await send(store, 'xlen', streamKey(store, name)) : counts.get(name);
    collections.set(name, collectionSchema(name, definition, Number(count ?? 0)));
  }
  return { collections: Object.fromEntries(collections) };
}

/** Keys by collection: that of the longest defined name that a key begins with, else what stands before its first colon. */
async function countAll(store: Store, defined: readonly string[]): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const byLength = [...defined].sort((left, right) => right.length - left.length);
  for await (const keys of scanKeys(store, store.keys.prefix)) {
    for (const key of keys.map(String)) {
      if (store.keys.isOwn(key)) continue;
      const colon = key.indexOf(':');
      const name = byLength.find((each) => key.startsWith(`${each}:`)) ?? (colon > 0 ? key.slice(0, colon) : undefined);
      if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  return counts;
}

async function countNamed(store: Store, names: readonly string[]): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const name of names) {
    for await (const ids of scanCollection(store, name)) counts.set(name, (counts.get(name) ?? 0) + ids.length);
  }
  return counts;
}

function collectionSchema(name: string, definition: Definition | undefined, approximate_count?: number): CollectionSchema {
  const { fields, indexes, validation, encoding, ttl_seconds } = definition ?? undefinedCollection;
  const options: JsonObject = definition ? { encoding, ...(ttl_seconds === undefined ? {} : { ttl_seconds }) } : {};
  return {
    name,
    kind: 'collection',
    fields: definition ? [...keyFields(definition), ...fields.map(fieldSchema)] : [],
    key: keyNames(definition ?? undefinedCollection),
    indexes: indexes.map(indexSchema),
    constraints: [],
    ...(validation ? { validation: validation as unknown as JsonObject } : {}),
    ...(Object.keys(options).length > 0 ? { options } : {}),
    ...(approximate_count === undefined ? {} : { approximate_count }),
  };
}

function keyFields({ key }: Definition): FieldSchema[] {
  return key.map(({ name, type }) => fieldSchema({ name, type, nullable: false }));
}

function fieldSchema({ name, type, nullable }: Definition['fields'][number]): FieldSchema {
  return { name, type, native: typeText(type), nullable };
}

function indexSchema(index: IndexDefinition): IndexSchema {
  return {
    name: index.name,
    keys: Object.entries(index.keys).map(([field, direction]) => ({ field, direction })),
    unique: index.form === 'unique',
    definition: index as unknown as JsonObject,
  };
}
