import type { RowAction, RowOperations, RowStore } from '@polyshift/adapter-kit';
import { keyOf } from './collections.ts';
import { buildRow } from './rows/encode-row.ts';
import type { Store } from './store.ts';
import { violationsOf } from './validation.ts';

/** What the kit's operations over rows must know of Redis. */
export function rowOperations(store: Store, rows: RowStore<Buffer>): RowOperations<Buffer> {
  return {
    store: rows,
    noun: 'row',
    keyOf: (collection) => keyOf(store, collection),
    statement: (collection, action) => statement(`${store.keys.rows(collection)}?`, action),
    build: (collection, document) => buildRow(store.definitions.known(collection), document),
    open: async (collection) => void (await store.definitions.read(collection)),
    violations(collection, document) {
      const { validation } = store.definitions.known(collection);
      return (validation && violationsOf(validation, true)?.(document)) ?? [];
    },
  };
}

/** The commands that the script does for one row that is a hash. */
function statement(key: string, action: RowAction): string {
  switch (action.kind) {
    case 'set':
      return `EVALSHA write-row: HSET ${key} ${action.fields.map((field) => `${field} ?`).join(' ')}`;
    case 'unset':
      return `EVALSHA write-row: HDEL ${key} ${action.fields.join(' ')}`;
    case 'rename':
      return `EVALSHA write-row: HSET ${key} ${action.to} ?, HDEL ${key} ${action.from}`;
    case 'insert':
      return `EVALSHA write-row: HSET ${key} ? ? …, where there is no such key`;
  }
}
