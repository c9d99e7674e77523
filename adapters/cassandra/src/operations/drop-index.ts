import { checkThat, type JsonObject, PolyshiftError } from '@polyshift/core';
import { buildIndex, dropIndex as dropIfThere, findIndex } from '../catalog/build-index.ts';
import { indexFromJson, indexJson } from '../catalog/index-definition.ts';
import { quoted } from '../cql/identifier.ts';
import { schemaStep } from '../planned.ts';
import { isThere } from '../preconditions.ts';
import type { HandlerOf } from './handler-of.ts';

/** drop_index: its definition is kept, and it is built again on rollback. */
export const dropIndex: HandlerOf<'drop_index', { definition: JsonObject }> = (store) => ({
  async plan(operation) {
    return [
      schemaStep(`DROP INDEX ${quoted(store.keyspace)}.${quoted(operation.data.name)}`, {
        phase: 'contract',
        risk: 'data_removed',
        undo: `builds ${operation.data.name} again as it was defined`,
      }),
    ];
  },

  async check(operation) {
    const { check, table } = await isThere(store, operation.collection);
    if (!table) return [check];
    const names = table.indexes.map((index) => index.name);
    return [
      check,
      checkThat(names.includes(operation.data.name), 'index_exists', {
        pass: `the index ${operation.data.name} is there`,
        fail: `${operation.collection} has no index ${operation.data.name}`,
        action: `It has ${names.join(', ') || 'none'}.`,
      }),
    ];
  },

  async prepare(operation) {
    const found = await findIndex(store, operation.collection, operation.data.name);
    if (!found) throw new PolyshiftError('UNKNOWN_FIELD', `${operation.collection} has no index ${operation.data.name}`);
    return { definition: indexJson(found) };
  },

  async *execute(operation, _undo, run) {
    await run.guard();
    await dropIfThere(store, operation.collection, operation.data.name);
    yield { rows_done: 1, rows_total: 1 };
  },

  async verify(operation) {
    const found = await findIndex(store, operation.collection, operation.data.name);
    return [
      checkThat(found === undefined, 'index_gone', {
        pass: `the index ${operation.data.name} is gone`,
        fail: `the index ${operation.data.name} is there`,
        action: 'Somebody else has created it again.',
      }),
    ];
  },

  async *rollback(operation, undo, run) {
    yield { rows_done: 0, note: `building index ${operation.data.name}` };
    await buildIndex(store, operation.collection, indexFromJson(operation.data.name, undo.definition), run);
    yield { rows_done: 1, rows_total: 1 };
  },

  async discard() {},
});
