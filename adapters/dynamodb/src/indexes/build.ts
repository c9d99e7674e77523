import { UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { type Store, tableName } from '../store.ts';
import { attributeTypes, globalIndexInput } from '../tables/create.ts';
import type { IndexDefinition } from '../tables/definition.ts';
import { readTable } from '../tables/describe.ts';
import { isAtRest, untilAtRest, untilTable } from '../tables/wait.ts';

/** The indexes of a table, by name; none where there is no table. */
export async function indexesOf(store: Store, collection: string): Promise<ReadonlyMap<string, IndexDefinition>> {
  const table = await readTable(store, collection);
  return new Map(table?.definition.indexes.map((index) => [index.name, index]));
}

/**
 * Makes a global secondary index and waits until it is filled. The service takes one change of indexes at a time, so another one that is at work is
 * waited for. One of the name that is there already is left.
 *
 * @param between awaited between two looks at the index; what it throws stops the waiting, and the service goes on filling
 */
export async function buildIndex(
  store: Store,
  collection: string,
  index: IndexDefinition,
  between?: () => Promise<void>,
): Promise<void> {
  await untilAtRest(store, collection, between);
  const table = await readTable(store, collection);
  if (table && !table.definition.indexes.some(({ name }) => name === index.name)) {
    const { definition } = table;
    const capacity = definition.billing_mode === 'provisioned' ? (index.capacity ?? definition.capacity) : null;
    await store.send(
      new UpdateTableCommand({
        TableName: tableName(store, collection),
        AttributeDefinitions: attributeTypes([definition.key, ...definition.indexes.map(({ key }) => key), index.key]),
        GlobalSecondaryIndexUpdates: [{ Create: globalIndexInput({ ...index, capacity }) as never }],
      }),
    );
  }
  await untilTable(store, collection, isAtRest, between);
}

/** Drops an index and waits until it is gone; one that is not there is no error. */
export async function dropIndex(store: Store, collection: string, name: string, between?: () => Promise<void>): Promise<void> {
  await untilAtRest(store, collection, between);
  if (!(await indexesOf(store, collection)).has(name)) return;
  await store.send(
    new UpdateTableCommand({
      TableName: tableName(store, collection),
      GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: name } }],
    }),
  );
  await untilTable(
    store,
    collection,
    (table) => isAtRest(table) && !table!.GlobalSecondaryIndexes?.some(({ IndexName }) => IndexName === name),
    between,
  );
}

/** Whether two indexes are the same but for their capacity, which update_capacity may have changed since. */
export function sameIndex(left: IndexDefinition, right: IndexDefinition): boolean {
  const shape = ({ name, local, key, projection }: IndexDefinition): string =>
    JSON.stringify([name, local, key.map(({ field, type }) => [field, type]), projection]);
  return shape(left) === shape(right);
}
