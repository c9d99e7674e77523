import * as kit from '@polyshift/adapter-kit';
import type { JsonValue, OperationHandlers } from '@polyshift/core';
import type { Rows } from './rows.ts';

/** The handlers of what the adapter declares, made of the kit's parts. */
export function handlersOf(rows: Rows): OperationHandlers {
  const operations: kit.RowOperations<JsonValue> = {
    store: rows,
    noun: 'document',
    keyOf: (collection) => rows.keyOf(collection),
    statement: (collection, action) => `${action.kind} in ${collection}, by key`,
    build: (collection, document) => kit.keyedJsonRow(document, rows.key(collection)!),
  };
  const maker = {
    create: (collection: string, key: readonly string[]) => rows.create(collection, key),
    createLike: (collection: string, _like: string, key: readonly string[]) => rows.create(collection, key),
    cloneStructure: async (from: string, to: string) => rows.create(to, rows.key(from)!),
    exists: async (collection: string) => rows.key(collection) !== undefined,
    drop: (collection: string) => rows.drop(collection),
    keptName: kit.keptName,
  };
  const handlers = {
    add_field: kit.addField(operations),
    rename_field: kit.renameField(operations),
    remove_field: kit.removeField(operations),
    change_type: kit.changeType(operations),
    migrate_data: kit.migrateData(operations),
    extract: kit.extract(operations, maker),
    load: kit.load(operations),
    create_collection: kit.createCollection(operations, maker),
    drop_collection: kit.dropByCopy(operations, maker),
    rename_collection: kit.renameByCopy(operations, maker),
  };
  return handlers as unknown as OperationHandlers;
}
