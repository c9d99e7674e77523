import { renameByCopy } from '@polyshift/adapter-kit';
import type { JsonObject } from '@polyshift/core';
import { tableExists } from '../catalog/drop-table.ts';
import { buildIndexes, indexesBuilt, indexesJson } from '../catalog/index-list.ts';
import { tableMover } from '../catalog/mover.ts';
import { hasNoViews, isChangeable, isFree, nothingExpires } from '../preconditions.ts';
import { rowOperations } from '../rows/row-operations.ts';
import type { HandlerOf } from './handler-of.ts';

/** rename_collection: Cassandra cannot rename a table, so it is copied under the new name, compared, and the old one dropped. */
export const renameCollection: HandlerOf<'rename_collection'> = (store) => {
  const handler = renameByCopy(rowOperations(store, true), tableMover(store));
  return {
    ...handler,

    async check(operation) {
      const { checks, table } = await isChangeable(store, operation.collection);
      if (!table) return checks;
      return [
        ...checks,
        await isFree(store, operation.data.new_name),
        await hasNoViews(store, operation.collection),
        await nothingExpires(store, table),
      ];
    },

    async prepare(operation, run): Promise<JsonObject> {
      return { ...(await handler.prepare(operation, run)), indexes: await indexesJson(store, operation.collection) };
    },

    async *execute(operation, undo, run) {
      yield* handler.execute(operation, undo, run);
      await buildIndexes(store, operation.data.new_name, undo['indexes'], run);
    },

    async verify(operation, undo, run) {
      return [
        ...(await handler.verify(operation, undo, run)),
        await indexesBuilt(store, operation.data.new_name, undo['indexes']),
      ];
    },

    async *rollback(operation, undo, run) {
      yield* handler.rollback(operation, undo, run);
      if (await tableExists(store, operation.collection)) await buildIndexes(store, operation.collection, undo['indexes'], run);
    },
  };
};
