import type { OnlineStore } from '@polyshift/adapter-kit';
import { type Check, fail, type Operation, type OperationHandler, type OperationType } from '@polyshift/core';
import { buildIndex } from '../catalog/build-index.ts';
import { tableExists } from '../catalog/drop-table.ts';
import { tableMover } from '../catalog/mover.ts';
import { findTable, openedTable, openTable, rowColumns } from '../catalog/table.ts';
import { read } from '../cql/execute.ts';
import { hasNoViews, isChangeable, isFree, nothingExpires } from '../preconditions.ts';
import { rowOperations } from '../rows/row-operations.ts';
import type { Store } from '../store.ts';

/** What the kit must know of Cassandra so that two versions of a table can be in use. */
export function onlineStore(store: Store, handler: (type: OperationType) => OperationHandler | undefined): OnlineStore<Buffer> {
  const operations = rowOperations(store);
  const mover = tableMover(store);
  return {
    operations,
    handler,
    exists: (collection) => tableExists(store, collection),

    async cloneStructure(from, to) {
      await mover.cloneStructure(from, to);
      const waiting = { guard: async () => undefined, signal: new AbortController().signal };
      for (const index of (await openTable(store, from)).indexes)
        await buildIndex(store, to, { ...index, name: indexName(index.name, from, to) }, waiting);
    },

    drop: (collection) => mover.drop(collection),

    async identity(collection) {
      const [row] = await read(store, 'SELECT id FROM system_schema.tables WHERE keyspace_name = ? AND table_name = ?', [
        store.keyspace,
        collection,
      ]);
      return row && String(row['id']);
    },

    columns: (collection) => rowColumns(openedTable(store, collection)).map(({ name }) => name),

    nameFree: (collection) => isFree(store, collection),

    async checks({ collection }) {
      const { checks, table } = await isChangeable(store, collection);
      if (!table) return checks;
      const statics: Check[] = table.columns.some(({ kind }) => kind === 'static')
        ? [
            fail(
              'collection_kind',
              `${collection} has static columns, which belong to partitions and not to rows`,
              'Copy the table by extract.',
            ),
          ]
        : [];
      return [...checks, ...statics, await hasNoViews(store, collection), await nothingExpires(store, table)];
    },

    async adapt(operation, _sample, names) {
      if (operation.type !== 'drop_index' && operation.type !== 'alter_index') return operation;
      const given = operation as Operation<'drop_index'>;
      const own = (await findTable(store, names.old))?.indexes.some(({ name }) => name === given.data.name);
      if (!own) return operation;
      return { ...given, data: { ...given.data, name: indexName(given.data.name, names.old, names.new) } } as Operation;
    },

    note: 'write both on conditions (IF): a plain write has the time of its client, and may lose against a conditional one',
  };
}

/** The name of an index of the new version: names of indexes are those of the keyspace, and the old version keeps its own. */
function indexName(name: string, old: string, fresh: string): string {
  return `${name}_${fresh.startsWith(`${old}_`) ? fresh.slice(old.length + 1) : fresh}`;
}
