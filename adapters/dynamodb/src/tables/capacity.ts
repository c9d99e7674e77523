import { type GlobalSecondaryIndexUpdate, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import type { JsonObject } from '@polyshift/core';
import { ownValue } from '@polyshift/core';
import { type Store, tableName } from '../store.ts';
import { throughput } from './create.ts';
import type { Capacity, TableDefinition } from './definition.ts';
import { definitionOfTable, readTable } from './describe.ts';
import { untilAtRest } from './wait.ts';

/** How a table is paid for, with its indexes. */
export interface CapacityState extends JsonObject {
  billing_mode: TableDefinition['billing_mode'];
  capacity: Capacity | null;
  /** Of the global secondary indexes, by name; empty where it is paid per request. */
  indexes: Record<string, Capacity>;
}

/** How a table is paid for now. */
export function capacityState({ billing_mode, capacity, indexes }: TableDefinition): CapacityState {
  return {
    billing_mode,
    capacity,
    indexes: Object.fromEntries(indexes.flatMap(({ name, capacity: own }) => (own === null ? [] : [[name, own]]))),
  };
}

/** Brings a table to a state and waits until it is in force. Nothing is sent where it is there already, which the service would refuse. */
export async function setCapacity(
  store: Store,
  collection: string,
  wanted: CapacityState,
  between: () => Promise<void>,
): Promise<void> {
  await untilAtRest(store, collection, between);
  const table = await readTable(store, collection);
  if (!table) return;
  const current = capacityState(table.definition);
  try {
    await sendDifference(store, collection, current, wanted);
  } catch (error) {
    // DynamoDB Local remembers what an index had before it was paid per request, and takes it for its current value.
    if (!/equals the current value/.test((error as Error).message) || Object.keys(wanted.indexes).length === 0) throw error;
    await sendDifference(store, collection, current, { ...wanted, indexes: {} });
    await untilAtRest(store, collection, between);
    await sendDifference(store, collection, capacityState(await definitionOfTable(store, collection)), wanted);
  }
  await untilAtRest(store, collection, between);
}

async function sendDifference(store: Store, collection: string, current: CapacityState, wanted: CapacityState): Promise<void> {
  const switched = current.billing_mode !== wanted.billing_mode;
  const changed = (own: Capacity | null | undefined, next: Capacity | null): boolean =>
    next !== null && (switched || own?.read !== next.read || own?.write !== next.write);
  const indexes = Object.entries(wanted.indexes).filter(([name, next]) => changed(ownValue(current.indexes, name), next));
  const own = changed(current.capacity, wanted.capacity);
  if (!switched && !own && indexes.length === 0) return;
  await store.send(
    new UpdateTableCommand({
      TableName: tableName(store, collection),
      ...(switched ? { BillingMode: wanted.billing_mode === 'provisioned' ? 'PROVISIONED' : 'PAY_PER_REQUEST' } : {}),
      ...(own ? { ProvisionedThroughput: throughput(wanted.capacity!) } : {}),
      ...(indexes.length === 0
        ? {}
        : {
            GlobalSecondaryIndexUpdates: indexes.map(
              ([IndexName, next]): GlobalSecondaryIndexUpdate => ({
                Update: { IndexName, ProvisionedThroughput: throughput(next) },
              }),
            ),
          }),
    }),
  );
}

/** Whether a table is in a state. */
export function hasCapacity(definition: TableDefinition, wanted: CapacityState): boolean {
  const current = capacityState(definition);
  const same = (left: Capacity | null | undefined, right: Capacity | null): boolean =>
    left?.read === right?.read && left?.write === right?.write;
  return (
    current.billing_mode === wanted.billing_mode &&
    same(current.capacity, wanted.capacity) &&
    Object.entries(wanted.indexes).every(([name, next]) => same(ownValue(current.indexes, name), next))
  );
}
