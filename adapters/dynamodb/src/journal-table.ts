import { DeleteItemCommand, GetItemCommand, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { isNoTable } from './errors.ts';
import { journalName, type Store, tableName } from './store.ts';
import type { Item } from './values/attribute.ts';

/** The key of the table of records: the kind, then the key inside of the kind, which orders them. */
export const journalKey = [
  { field: 'kind', type: 'S' as const },
  { field: 'key', type: 'S' as const },
];

/** The key of one record as the service takes it. */
export function recordKey(kind: string, key: string): Item {
  return { kind: { S: kind }, key: { S: key } };
}

/** One record, as it was written last; undefined where it is not there, or there is no journal yet. */
export async function readRecord(store: Store, kind: string, key: string): Promise<Item | undefined> {
  return orNone(async () => {
    const input = { TableName: tableName(store, journalName), Key: recordKey(kind, key), ConsistentRead: true };
    return (await store.send(new GetItemCommand(input))).Item;
  });
}

/** All records of a kind whose key starts with the prefix, in order; none where there is no journal yet. */
export async function readRecords(store: Store, kind: string, prefix = ''): Promise<Item[]> {
  const items: Item[] = [];
  let start: Item | undefined;
  do {
    const page = await orNone(() =>
      store.send(
        new QueryCommand({
          TableName: tableName(store, journalName),
          ConsistentRead: true,
          KeyConditionExpression: prefix === '' ? '#kind = :kind' : '#kind = :kind AND begins_with(#key, :prefix)',
          ExpressionAttributeNames: prefix === '' ? { '#kind': 'kind' } : { '#kind': 'kind', '#key': 'key' },
          ExpressionAttributeValues: { ':kind': { S: kind }, ...(prefix === '' ? {} : { ':prefix': { S: prefix } }) },
          ...(start === undefined ? {} : { ExclusiveStartKey: start }),
        }),
      ),
    );
    items.push(...(page?.Items ?? []));
    start = page?.LastEvaluatedKey;
  } while (start !== undefined);
  return items;
}

/** Writes or replaces one record. */
export async function writeRecord(store: Store, kind: string, key: string, fields: Item): Promise<void> {
  const Item = { ...recordKey(kind, key), ...fields };
  await store.send(new PutItemCommand({ TableName: tableName(store, journalName), Item }));
}

/** Deletes one record. Idempotent; nothing to do where there is no journal. */
export async function deleteRecord(store: Store, kind: string, key: string): Promise<void> {
  await orNone(() => store.send(new DeleteItemCommand({ TableName: tableName(store, journalName), Key: recordKey(kind, key) })));
}

async function orNone<Found>(ask: () => Promise<Found>): Promise<Found | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (isNoTable(error)) return undefined;
    throw error;
  }
}
