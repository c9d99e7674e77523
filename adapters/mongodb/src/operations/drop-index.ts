import { checkThat, fail, type JsonObject, PolyshiftError } from '@polyshift/core';
import { listIndexes } from '../introspect.ts';
import { catalogLock, planned } from '../planned.ts';
import { isThere } from '../preconditions.ts';
import { dropIndex as drop, restoreIndex } from './create-index.ts';
import type { HandlerOf } from './handler-of.ts';

/** drop_index: the definition is kept. */
export const dropIndex: HandlerOf<'drop_index', { definition: JsonObject }> = (store) => ({
  async plan(operation) {
    return [
      planned(
        { dropIndexes: operation.collection, index: operation.data.name },
        {
          phase: 'contract',
          lock: catalogLock(operation.collection),
          risk: 'data_removed',
          undo: `builds ${operation.data.name} again from its definition`,
        },
      ),
    ];
  },

  async check(operation) {
    const there = await isThere(store, operation.collection);
    if (there.status === 'FAILED') return [there];
    if (operation.data.name === '_id_')
      return [fail('index_exists', 'the index of _id cannot be dropped', 'Leave this operation out.')];
    const names = (await listIndexes(store, operation.collection)).map((index) => index.name);
    return [
      there,
      checkThat(names.includes(operation.data.name), 'index_exists', {
        pass: `the index ${operation.data.name} is there`,
        fail: `${operation.collection} has no index ${operation.data.name}`,
        action: `It has ${names.join(', ') || 'none but that of _id'}.`,
      }),
    ];
  },

  async prepare(operation) {
    const found = (await listIndexes(store, operation.collection)).find((index) => index.name === operation.data.name);
    if (!found) throw new PolyshiftError('UNKNOWN_FIELD', `${operation.collection} has no index ${operation.data.name}`);
    return { definition: found.definition as JsonObject };
  },

  async *execute(operation) {
    await drop(store, operation.collection, operation.data.name);
    yield { rows_done: 1, rows_total: 1 };
  },

  async verify(operation) {
    const names = (await listIndexes(store, operation.collection)).map((index) => index.name);
    return [
      checkThat(!names.includes(operation.data.name), 'index_gone', {
        pass: `the index ${operation.data.name} is gone`,
        fail: `the index ${operation.data.name} is there again`,
        action: 'The application creates it when it starts: deploy one that does not.',
      }),
    ];
  },

  async *rollback(operation, undo) {
    yield { rows_done: 0, note: `building index ${operation.data.name}` };
    await restoreIndex(store, operation.collection, undo.definition);
    yield { rows_done: 1, rows_total: 1 };
  },

  async discard() {},
});
