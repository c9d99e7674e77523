import { checkThat, fail, PolyshiftError } from '@polyshift/core';
import { buildIndex, dropIndex as drop, indexesOf } from '../indexes/build.ts';
import { planned } from '../planned.ts';
import { tableExists } from '../preconditions.ts';
import { stopsWith } from '../stops-with.ts';
import { tableName } from '../store.ts';
import type { IndexDefinition } from '../tables/definition.ts';
import type { HandlerOf } from './handler-of.ts';

/** drop_index: of a global secondary index; its definition is kept. */
export const dropIndex: HandlerOf<'drop_index', { index: IndexDefinition }> = (store) => ({
  async plan(operation) {
    return [
      planned(
        'UpdateTable',
        {
          TableName: tableName(store, operation.collection),
          GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: operation.data.name } }],
        },
        { phase: 'contract', risk: 'data_removed', undo: `builds ${operation.data.name} again, and waits until it is filled` },
      ),
    ];
  },

  async check(operation) {
    const there = await tableExists(store, operation.collection);
    if (there.status === 'FAILED') return [there];
    const indexes = await indexesOf(store, operation.collection);
    const { name } = operation.data;
    if (indexes.get(name)?.local) {
      return [
        there,
        fail('index_kind', `${name} is a local index, which lives as long as its table`, 'Copy the table by extract without it.'),
      ];
    }
    return [
      there,
      checkThat(indexes.has(name), 'index_exists', {
        pass: `the index ${name} is there`,
        fail: `${operation.collection} has no index ${name}`,
        action: `It has ${[...indexes.keys()].join(', ') || 'none'}.`,
      }),
    ];
  },

  async prepare(operation) {
    const index = (await indexesOf(store, operation.collection)).get(operation.data.name);
    if (!index) throw new PolyshiftError('UNKNOWN_FIELD', `${operation.collection} has no index ${operation.data.name}`);
    return { index };
  },

  async *execute(operation, _undo, run) {
    await run.guard();
    await drop(store, operation.collection, operation.data.name, stopsWith(run));
    await run.fault('dropped');
    yield { rows_done: 1, rows_total: 1 };
  },

  async verify(operation) {
    const { name } = operation.data;
    return [
      checkThat(!(await indexesOf(store, operation.collection)).has(name), 'index_gone', {
        pass: `the index ${name} is gone`,
        fail: `the index ${name} is there again`,
        action: 'Somebody else makes it: look into the templates that describe this table.',
      }),
    ];
  },

  async *rollback(operation, undo, run) {
    yield { rows_done: 0, note: `building index ${undo.index.name}` };
    await run.guard();
    await buildIndex(store, operation.collection, undo.index, stopsWith(run));
    yield { rows_done: 1, rows_total: 1 };
  },

  async discard() {},
});
