import type { CollectionSchema, FieldSchema, IndexSchema, JsonObject, StoreSchema } from '@polyshift/core';
import { indexedColumn, indexJson } from './catalog/index-definition.ts';
import { describeTables, keyNames, type Table } from './catalog/table.ts';
import { isOwnTable, type Store } from './store.ts';
import { readValidations } from './validation.ts';
import { portableOf } from './values/portable-of.ts';

/** The schema of the named tables and views, or of all but polyshift's own. */
export async function introspect(store: Store, names?: readonly string[]): Promise<StoreSchema> {
  const [tables, validations] = await Promise.all([describeTables(store, names), readValidations(store)]);
  const shown = tables.filter(({ name }) => !isOwnTable(name)).sort((left, right) => (left.name < right.name ? -1 : 1));
  return {
    collections: Object.fromEntries(shown.map((table) => [table.name, collectionSchema(table, validations.get(table.name))])),
  };
}

function collectionSchema(table: Table, validation: JsonObject | undefined): CollectionSchema {
  return {
    name: table.name,
    kind: table.view ? 'view' : 'table',
    fields: table.columns.map(
      ({ name, type, kind, descending }): FieldSchema => ({
        name,
        type: portableOf(type),
        native: type.text,
        nullable: kind === 'regular' || kind === 'static',
        ...(kind === 'regular' ? {} : { options: { kind, ...(descending ? { descending } : {}) } }),
      }),
    ),
    key: keyNames(table),
    indexes: table.indexes.map(
      (index): IndexSchema => ({
        name: index.name,
        keys: [{ field: indexedColumn(index), direction: 1 }],
        unique: false,
        definition: indexJson(index),
      }),
    ),
    constraints: [],
    ...(validation ? { validation } : {}),
    options: table.view ? { ...table.options, view: { ...table.view } } : table.options,
  };
}
