import { BatchWriteItemCommand, type WriteRequest } from '@aws-sdk/client-dynamodb';
import { attempts, backOff } from '../backoff.ts';
import { inFlight } from '../in-flight.ts';
import type { Store } from '../store.ts';
import type { Item } from '../values/attribute.ts';
import { sizeOf } from '../values/size.ts';
import { unprocessed } from './batch-get.ts';

/** Requests, and bytes, that one BatchWriteItem takes. */
const requestsInBatch = 25;
const bytesInBatch = 16_000_000;

/** Puts items, each with a key of its own, whatever is there under it: only for tables that nobody else writes. */
export async function putItems(store: Store, TableName: string, items: readonly Item[]): Promise<void> {
  await writeAll(
    store,
    TableName,
    items.map((item) => ({ request: { PutRequest: { Item: item } }, bytes: sizeOf({ M: item }) })),
  );
}

/** Deletes items by their keys, each named once. */
export async function deleteItems(store: Store, TableName: string, keys: readonly Item[]): Promise<void> {
  await writeAll(
    store,
    TableName,
    keys.map((key) => ({ request: { DeleteRequest: { Key: key } }, bytes: 0 })),
  );
}

/** What the service leaves unprocessed is sent again, with growing pauses while it takes nothing. */
async function writeAll(
  store: Store,
  TableName: string,
  all: readonly { request: WriteRequest; bytes: number }[],
): Promise<void> {
  await inFlight(batchesOf(all), async (batch) => {
    let open: WriteRequest[] = batch;
    for (let attempt = 1; open.length > 0; ) {
      const { UnprocessedItems } = await store.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: open } }));
      const left = UnprocessedItems?.[TableName] ?? [];
      attempt = left.length < open.length ? 1 : attempt + 1;
      open = left;
      if (open.length === 0) break;
      if (attempt > attempts) throw unprocessed(TableName, open.length);
      await backOff(attempt);
    }
  });
}

function batchesOf(all: readonly { request: WriteRequest; bytes: number }[]): WriteRequest[][] {
  const batches: WriteRequest[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const each of all) {
    const last = batches.at(-1);
    if (last === undefined || last.length === requestsInBatch || bytes + each.bytes > bytesInBatch) {
      batches.push([each.request]);
      bytes = each.bytes;
    } else {
      last.push(each.request);
      bytes += each.bytes;
    }
  }
  return batches;
}
