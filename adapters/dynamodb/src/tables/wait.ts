import type { TableDescription } from '@aws-sdk/client-dynamodb';
import { pause } from '@polyshift/core';
import type { Store } from '../store.ts';
import { describe } from './describe.ts';

/** Milliseconds until the second look; each further pause is half as long again, up to the longest. */
const firstPauseMs = 15;
const longestPauseMs = 10_000;

/**
 * Looks at a table, with growing pauses, until it is as wished. It waits for as long as it takes, because the filling of an index
 * may take hours; whoever waits stops it by what `between` throws.
 *
 * @param between awaited before each pause
 */
export async function untilTable(
  store: Store,
  collection: string,
  isReached: (table: TableDescription | undefined) => boolean,
  between: () => Promise<void> = async () => {},
): Promise<TableDescription | undefined> {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 1.5)) {
    const table = await describe(store, collection);
    if (isReached(table)) return table;
    await between();
    await pause(pauseMs * (0.75 + Math.random() / 2));
  }
}

/** Whether a table and all of its indexes are there and at rest, so that the service takes the next change. */
export function isAtRest(table: TableDescription | undefined): boolean {
  return (
    table?.TableStatus === 'ACTIVE' &&
    (table.GlobalSecondaryIndexes ?? []).every((index) => index.IndexStatus === 'ACTIVE' && index.Backfilling !== true)
  );
}

/** Waits until a table is at rest. Goes on at once where there is none. */
export async function untilAtRest(store: Store, collection: string, between?: () => Promise<void>): Promise<void> {
  await untilTable(store, collection, (table) => table === undefined || isAtRest(table), between);
}
