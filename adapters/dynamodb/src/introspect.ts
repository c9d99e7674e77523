import type { StoredValidation } from '@polyshift/adapter-kit';
import type { CollectionSchema, FieldSchema, IndexSchema, JsonObject, PortableType, StoreSchema } from '@polyshift/core';
import { isOwnCollection, type Store } from './store.ts';
import type { IndexDefinition, KeyType, TableDefinition } from './tables/definition.ts';
import { listCollections, readTable, type Table } from './tables/describe.ts';
import { readValidations } from './validation.ts';

const portableTypes: Readonly<Record<KeyType, PortableType>> = {
  S: { kind: 'text' },
  N: { kind: 'decimal' },
  B: { kind: 'bytes' },
};

/** The schema of the named tables, or of all under the prefix but polyshift's own. */
export async function introspect(store: Store, names?: readonly string[]): Promise<StoreSchema> {
  const [listed, validations] = await Promise.all([names ?? listCollections(store), readValidations(store)]);
  const wanted = listed.filter((name) => !isOwnCollection(name));
  const tables = await Promise.all(wanted.map((name) => readTable(store, name)));
  const found = wanted.flatMap((name, index) => {
    const table = tables[index];
    return table === undefined ? [] : [schemaOf(name, table, validations.get(name))];
  });
  return { collections: Object.fromEntries(found.map((schema) => [schema.name, schema])) };
}

function schemaOf(name: string, { definition, item_count }: Table, validation: StoredValidation | undefined): CollectionSchema {
  return {
    name,
    kind: 'table',
    fields: definition.key.map(
      ({ field, type }): FieldSchema => ({ name: field, type: portableTypes[type], native: type, nullable: false }),
    ),
    key: definition.key.map(({ field }) => field),
    indexes: definition.indexes.map(indexSchema),
    constraints: [],
    ...(validation ? { validation } : {}),
    options: optionsOf(definition),
    approximate_count: item_count,
  };
}

function indexSchema(index: IndexDefinition): IndexSchema {
  return {
    name: index.name,
    keys: index.key.map(({ field }) => ({ field, direction: 1 })),
    unique: false,
    definition: index,
  };
}

/** The options of a table, without those that it does not use. */
function optionsOf({ key: _key, indexes: _indexes, ...options }: TableDefinition): JsonObject {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== null && value !== false));
}
