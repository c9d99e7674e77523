import { dropByCopy } from '@polyshift/adapter-kit';
import type { JsonObject } from '@polyshift/core';
import { tableExists } from '../catalog/drop-table.ts';
import { buildIndexes, indexesJson } from '../catalog/index-list.ts';
import { tableMover } from '../catalog/mover.ts';
import { hasNoViews, isChangeable, nothingExpires } from '../preconditions.ts';
import { rowOperations } from '../rows/row-operations.ts';
import type { HandlerOf } from './handler-of.ts';

/** drop_collection: copied into a table aside, which is compared with it and kept until the migration is finalized; then dropped. */
export const dropCollection: HandlerOf<'drop_collection'> = (store) => {
  const handler = dropByCopy(rowOperations(store, true), tableMover(store));
  return {
    ...handler,

    async check(operation) {
      const { checks, table } = await isChangeable(store, operation.collection);
      return table ? [...checks, await hasNoViews(store, operation.collection), await nothingExpires(store, table)] : checks;
    },

    async prepare(operation, run): Promise<JsonObject> {
      return { ...(await handler.prepare(operation, run)), indexes: await indexesJson(store, operation.collection) };
    },

    async *rollback(operation, undo, run) {
      yield* handler.rollback(operation, undo, run);
      if (await tableExists(store, operation.collection)) await buildIndexes(store, operation.collection, undo['indexes'], run);
    },
  };
};
