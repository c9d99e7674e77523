import { type Check, checkThat, fail, type JsonObject, type Operation, ownValue } from '@polyshift/core';
import { planned } from '../planned.ts';
import { tableExists } from '../preconditions.ts';
import { stopsWith } from '../stops-with.ts';
import { tableName } from '../store.ts';
import { type CapacityState, capacityState, hasCapacity, setCapacity } from '../tables/capacity.ts';
import type { TableDefinition } from '../tables/definition.ts';
import { definitionOfTable, readTable } from '../tables/describe.ts';
import type { HandlerOf } from './handler-of.ts';

interface Undo extends JsonObject {
  before: CapacityState;
  wanted: CapacityState;
}

/** update_capacity: billing mode and provisioned throughput, of the table and its global indexes together. */
export const updateCapacity: HandlerOf<'update_capacity', Undo> = (store) => ({
  async plan(operation) {
    return [
      planned(
        'UpdateTable',
        { TableName: tableName(store, operation.collection), ...operation.data },
        {
          risk: 'none',
          undo: 'sets billing mode and capacities back to what they were',
        },
      ),
    ];
  },

  async check(operation) {
    const there = await tableExists(store, operation.collection);
    if (there.status === 'FAILED') return [there];
    const definition = await definitionOfTable(store, operation.collection);
    const { billing_mode = definition.billing_mode, capacity, indexes } = operation.data;
    const checks: Check[] = [there];
    if (billing_mode === 'provisioned' && capacity === undefined && definition.capacity === null)
      checks.push(fail('capacity', 'to be provisioned the table needs a capacity', 'Name capacity: { read, write }.'));
    if (billing_mode === 'pay_per_request' && (capacity || indexes))
      checks.push(fail('capacity', 'the table is paid per request, and has no capacity', 'Name billing_mode: provisioned.'));
    const global = definition.indexes.filter(({ local }) => !local).map(({ name }) => name);
    const unknown = Object.keys(indexes ?? {}).filter((name) => !global.includes(name));
    if (unknown.length > 0)
      checks.push(
        fail('index_exists', `there is no global index ${unknown.join(', ')}`, `There are ${global.join(', ') || 'none'}.`),
      );
    return checks;
  },

  async prepare(operation) {
    const definition = await definitionOfTable(store, operation.collection);
    return { before: capacityState(definition), wanted: wantedState(operation, definition) };
  },

  async *execute(operation, undo, run) {
    await run.guard();
    await setCapacity(store, operation.collection, undo.wanted, stopsWith(run));
    await run.fault('set');
    yield { rows_done: 1, rows_total: 1 };
  },

  async verify(operation, undo) {
    const table = await readTable(store, operation.collection);
    return [
      checkThat(table !== undefined && hasCapacity(table.definition, undo.wanted), 'capacity', {
        pass: `the capacity is ${JSON.stringify(undo.wanted)}`,
        fail: `the capacity is ${table ? JSON.stringify(capacityState(table.definition)) : 'that of no table'}`,
        action: 'Somebody else, or auto scaling, changes the capacity of this table.',
      }),
    ];
  },

  async *rollback(operation, undo, run) {
    await run.guard();
    await setCapacity(store, operation.collection, undo.before, stopsWith(run));
    yield { rows_done: 1, rows_total: 1 };
  },

  async discard() {},
});

/** Where the operation leads to. Indexes that it does not name get the capacity of the table when that becomes provisioned. */
function wantedState({ data }: Operation<'update_capacity'>, definition: TableDefinition): CapacityState {
  const { billing_mode = definition.billing_mode, capacity = definition.capacity, indexes = {} } = data;
  if (billing_mode === 'pay_per_request') return { billing_mode, capacity: null, indexes: {} };
  const global = definition.indexes.filter(({ local }) => !local);
  return {
    billing_mode,
    capacity,
    indexes: Object.fromEntries(global.map(({ name, capacity: own }) => [name, ownValue(indexes, name) ?? own ?? capacity!])),
  };
}
