import type { CollectionSchema, FieldSchema, IndexSchema, JsonObject, JsonValue, StoreSchema } from '@polyshift/core';
import { BSON, type Document } from 'mongodb';
import { indexSchema } from './index-definition.ts';
import { schemaFields } from './schema-fields.ts';
import { exact, isOwnCollection, type Store } from './store.ts';

const { EJSON } = BSON;

/** The schema of the named collections, or of all but polyshift's own and the server's. */
export async function introspect(store: Store, names?: readonly string[]): Promise<StoreSchema> {
  const filter = names ? { name: { $in: [...names] } } : {};
  const listed = await store.db.listCollections(filter, exact).toArray();
  const chosen = listed.filter(({ name }) => !isOwnCollection(name)).sort((left, right) => (left.name < right.name ? -1 : 1));
  const schemas = await Promise.all(chosen.map((each) => collectionSchema(store, each)));
  return { collections: Object.fromEntries(schemas.map((schema) => [schema.name, schema])) };
}

/** The schema of one collection, polyshift's own included; undefined where it does not exist. */
export async function introspectOne(store: Store, name: string): Promise<CollectionSchema | undefined> {
  const [listed] = await store.db.listCollections({ name }, exact).toArray();
  return listed ? collectionSchema(store, listed) : undefined;
}

async function collectionSchema(store: Store, listed: Document): Promise<CollectionSchema> {
  const name = String(listed['name']);
  const given = EJSON.serialize((listed['options'] as Document | undefined) ?? {}, { relaxed: false }) as JsonObject;
  const { validator, validationLevel, validationAction, ...options } = given;
  const kept = material(options);
  // An empty validator is none; then neither level nor action has an effect.
  const validates = validator !== undefined && Object.keys(validator as JsonObject).length > 0;
  const validation: JsonObject | undefined = validates
    ? { validator, level: validationLevel ?? 'strict', action: validationAction ?? 'error' }
    : undefined;
  const isView = listed['type'] === 'view';
  const collection = store.db.collection(name);
  const [indexes, approximate_count] = isView
    ? [[], undefined]
    : await Promise.all([listIndexes(store, name), collection.estimatedDocumentCount().catch(() => undefined)]);
  return {
    name,
    kind: isView ? 'view' : 'collection',
    fields: validates ? validatedFields(listed) : [],
    key: ['_id'],
    indexes,
    constraints: [],
    ...(validation ? { validation } : {}),
    ...(Object.keys(kept).length > 0 ? { options: kept } : {}),
    ...(approximate_count === undefined ? {} : { approximate_count }),
  };
}

/** The indexes of a collection but that of _id, by name; none where the collection does not exist. */
export async function listIndexes(store: Store, name: string): Promise<IndexSchema[]> {
  const listed = await store.db
    .collection(name)
    .listIndexes(exact)
    .toArray()
    .catch((error: { code?: unknown }) => {
      if (error.code === 26) return [];
      throw error;
    });
  return listed
    .map(indexSchema)
    .filter((index) => index.name !== '_id_')
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}

function validatedFields(listed: Document): FieldSchema[] {
  const validator = (listed['options'] as Document)['validator'] as Document;
  const schema = validator['$jsonSchema'] as Document | undefined;
  return schema ? schemaFields(EJSON.serialize(schema, { relaxed: true }) as JsonObject) : [];
}

/** Without what means nothing: the id of a time series, which changes with each creation, and images of changes that are switched off. */
function material(options: JsonObject): JsonObject {
  const { uuid: _uuid, ...rest } = options;
  const images = rest['changeStreamPreAndPostImages'] as JsonObject | undefined;
  if (images && images['enabled'] === false) delete rest['changeStreamPreAndPostImages'];
  return rest;
}

/** The validation options of collMod that bring back what a collection had; without validation, none. */
export function validationCommand(validation: JsonObject | undefined): Document {
  if (!validation) return { validator: {}, validationLevel: 'strict', validationAction: 'error' };
  return {
    validator: EJSON.deserialize(validation['validator'] as JsonObject, { relaxed: false }),
    validationLevel: validation['level'],
    validationAction: validation['action'],
  };
}

/** A value of the options as the server takes it. */
export function optionValue(value: JsonValue): unknown {
  return (EJSON.deserialize({ value } as never, { relaxed: false }) as { value: unknown }).value;
}
