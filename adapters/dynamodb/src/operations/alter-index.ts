import { type Check, checkThat, fail, PolyshiftError, pass } from '@polyshift/core';
import { buildIndex, dropIndex, indexesOf } from '../indexes/build.ts';
import { approximateRows, planned } from '../planned.ts';
import { tableExists } from '../preconditions.ts';
import { stopsWith } from '../stops-with.ts';
import { tableName } from '../store.ts';
import type { IndexDefinition } from '../tables/definition.ts';
import type { HandlerOf } from './handler-of.ts';

/** alter_index: an index has nothing that can be changed in place but its capacity; for a new name it is built anew, then the old one is dropped. */
export const alterIndex: HandlerOf<'alter_index', { index: IndexDefinition; new_name: string }> = (store) => ({
  async plan(operation, context) {
    const { name, new_name } = operation.data;
    const TableName = tableName(store, operation.collection);
    const update = (change: object): object => ({ TableName, GlobalSecondaryIndexUpdates: [change] });
    return [
      planned('UpdateTable', update({ Create: { IndexName: new_name ?? name } }), {
        rows: approximateRows(context, operation.collection),
        risk: 'none',
        undo: `builds ${name} again, then drops ${new_name ?? name}`,
      }),
      planned('UpdateTable', update({ Delete: { IndexName: name } }), {
        phase: 'contract',
        risk: 'none',
        undo: `builds ${name} again`,
      }),
    ];
  },

  async check(operation) {
    const there = await tableExists(store, operation.collection);
    if (there.status === 'FAILED') return [there];
    const { name, new_name, hidden, expire_after_seconds } = operation.data;
    const checks: Check[] = [there];
    if (hidden !== undefined) checks.push(fail('option', 'DynamoDB has no hidden indexes', 'Leave hidden out.'));
    if (expire_after_seconds !== undefined)
      checks.push(fail('option', 'an index lets nothing expire', 'Set ttl_attribute by alter_options.'));
    const indexes = await indexesOf(store, operation.collection);
    const index = indexes.get(name);
    if (!index) checks.push(fail('index_exists', `${operation.collection} has no index ${name}`, 'Correct the name.'));
    else if (index.local)
      checks.push(fail('index_kind', `${name} is a local index, which lives as long as its table`, 'Leave it.'));
    else checks.push(pass('index_exists', `the index ${name} is there`));
    if (new_name === undefined) return checks;
    return [
      ...checks,
      checkThat(!indexes.has(new_name), 'name_free', {
        pass: `${new_name} is free`,
        fail: `there is an index ${new_name} already`,
        action: 'Choose another name.',
      }),
    ];
  },

  async prepare(operation) {
    const index = (await indexesOf(store, operation.collection)).get(operation.data.name);
    if (!index) throw new PolyshiftError('UNKNOWN_FIELD', `${operation.collection} has no index ${operation.data.name}`);
    return { index, new_name: operation.data.new_name ?? index.name };
  },

  async *execute(operation, { index, new_name }, run) {
    const between = stopsWith(run);
    yield { rows_done: 0, note: `building index ${new_name}` };
    await run.guard();
    await buildIndex(store, operation.collection, { ...index, name: new_name }, between);
    await run.fault('built');
    await run.guard();
    await dropIndex(store, operation.collection, index.name, between);
    await run.fault('dropped');
    yield { rows_done: 1, rows_total: 1 };
  },

  async verify(operation, { index, new_name }) {
    const indexes = await indexesOf(store, operation.collection);
    return [
      checkThat(indexes.has(new_name) && !indexes.has(index.name), 'index_renamed', {
        pass: `the index is called ${new_name}`,
        fail: `the indexes are ${[...indexes.keys()].join(', ') || 'none'}`,
        action: 'Somebody else changes the indexes of this table.',
      }),
    ];
  },

  async *rollback(operation, { index, new_name }, run) {
    const between = stopsWith(run);
    yield { rows_done: 0, note: `building index ${index.name}` };
    await run.guard();
    await buildIndex(store, operation.collection, index, between);
    await run.guard();
    await dropIndex(store, operation.collection, new_name, between);
    yield { rows_done: 1, rows_total: 1 };
  },

  async discard() {},
});
