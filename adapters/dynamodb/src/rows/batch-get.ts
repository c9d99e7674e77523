import { BatchGetItemCommand, type BatchGetItemCommandOutput } from '@aws-sdk/client-dynamodb';
import { PolyshiftError } from '@polyshift/core';
import { attempts, backOff } from '../backoff.ts';
import { inFlight } from '../in-flight.ts';
import type { Store } from '../store.ts';
import type { Item } from '../values/attribute.ts';

/** Keys that one BatchGetItem takes. */
const keysInRequest = 100;

/**
 * The items of a table that have these keys, each named once, as they were written last; in any order. What the service leaves unprocessed (beyond
 * 16 MB, or when it throttles) is asked for again.
 */
export async function getItems(store: Store, TableName: string, keys: readonly Item[]): Promise<Item[]> {
  const found = await inFlight(inGroups(keys, keysInRequest), async (group) => {
    const items: Item[] = [];
    let open: Item[] | undefined = group;
    for (let attempt = 1; open !== undefined && open.length > 0; ) {
      const { Responses, UnprocessedKeys }: BatchGetItemCommandOutput = await store.send(
        new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: open, ConsistentRead: true } } }),
      );
      const got = Responses?.[TableName] ?? [];
      items.push(...got);
      open = UnprocessedKeys?.[TableName]?.Keys;
      if (open === undefined || open.length === 0) break;
      attempt = got.length > 0 ? 1 : attempt + 1;
      if (attempt > attempts) throw unprocessed(TableName, open.length);
      await backOff(attempt);
    }
    return items;
  });
  return found.flat();
}

/** What is thrown where the service leaves something unprocessed for too long. */
export function unprocessed(TableName: string, count: number): PolyshiftError {
  return new PolyshiftError(
    'STORE_BUSY',
    `DynamoDB left ${count} items of ${TableName} unprocessed, ${attempts} times in a row`,
    {
      retryable: true,
      hint: 'Raise the capacity of the table by update_capacity, or run again when there is less traffic.',
    },
  );
}

/** A list in groups of at most so many. */
export function inGroups<Each>(list: readonly Each[], size: number): Each[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, index) => list.slice(index * size, (index + 1) * size));
}
