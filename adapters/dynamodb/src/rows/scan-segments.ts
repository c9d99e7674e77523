import { ScanCommand } from '@aws-sdk/client-dynamodb';
import type { RowBatchOf, RowScan } from '@polyshift/adapter-kit';
import type { JsonValue } from '@polyshift/core';
import { type Store, tableName } from '../store.ts';
import { describe, keyOfTable } from '../tables/describe.ts';
import type { AttributeValue, Item } from '../values/attribute.ts';
import { keyItem, keyOfItem } from './key.ts';
import { rawRow } from './raw-row.ts';

/** Segments that are read at once, and the items from which on it is worth it. */
const segments = 8;
const segmentedFrom = 2000;

/** Where each segment is: before its beginning (null), behind a key, or at its end (true). */
type Position = JsonValue | null | true;

/**
 * Every row of a table once, read in parallel segments: a round takes the next page of each segment, and gives them in order. The order of a
 * segment is that of the hashes of keys, which stays the same whatever is changed. `last` holds where each segment is.
 */
export async function* scanSegments(
  store: Store,
  collection: string,
  { batch_size, after }: RowScan,
): AsyncGenerator<RowBatchOf<AttributeValue>> {
  const key = await keyOfTable(store, collection);
  const positions: Position[] = after === undefined ? await beginning(store, collection) : [...(after as Position[])];
  const readPage = async (segment: number): Promise<{ items: Item[]; next: Position }> => {
    const position = positions[segment]!;
    const { Items, LastEvaluatedKey } = await store.send(
      new ScanCommand({
        TableName: tableName(store, collection),
        ConsistentRead: true,
        Limit: batch_size,
        ...(positions.length === 1 ? {} : { Segment: segment, TotalSegments: positions.length }),
        ...(position === null ? {} : { ExclusiveStartKey: keyItem(key, position) }),
      }),
    );
    return { items: Items ?? [], next: LastEvaluatedKey === undefined ? true : keyOfItem(key, LastEvaluatedKey) };
  };
  for (;;) {
    const open = positions.flatMap((position, segment) => (position === true ? [] : [segment]));
    if (open.length === 0) return;
    const pages = open.map(readPage);
    // An error of a later page must not go unhandled while an earlier one is dealt with.
    for (const page of pages) page.catch(() => undefined);
    for (const [index, segment] of open.entries()) {
      const { items, next } = await pages[index]!;
      positions[segment] = next;
      if (items.length === 0) continue;
      yield {
        rows: items.map((item) => ({ key: keyOfItem(key, item), row: rawRow(item) })),
        last: [...positions],
      };
    }
  }
}

async function beginning(store: Store, collection: string): Promise<Position[]> {
  const table = await describe(store, collection);
  return Array<Position>((table?.ItemCount ?? 0) < segmentedFrom ? 1 : segments).fill(null);
}
