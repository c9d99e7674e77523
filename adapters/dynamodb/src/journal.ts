import {
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  ScanCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import {
  dynamicOfPlain,
  type Fence,
  type HistoryRecord,
  type JournalStore,
  journalFormat,
  PolyshiftError,
} from '@polyshift/core';
import { cancellations, hasName, isNoTable } from './errors.ts';
import { journalKey, readRecord, readRecords, recordKey } from './journal-table.ts';
import { historyName, journalName, type Store, tableName } from './store.ts';
import { createTable, plainDefinition } from './tables/create.ts';
import type { Item } from './values/attribute.ts';
import { portableValue } from './values/from-attribute.ts';
import { dynamicAttribute } from './values/to-attribute.ts';

/** Where a record lies: its table and key, and the item to write. */
interface Place {
  readonly TableName: string;
  readonly Key: Item;
}

/** The journal in the migrated store itself: the history as a table with an attribute per property, everything else in one more. */
export function journalStore(store: Store): JournalStore {
  const placeOf = (kind: string, key: string): Place =>
    kind === 'history'
      ? { TableName: tableName(store, historyName), Key: { version: { S: key } } }
      : { TableName: tableName(store, journalName), Key: recordKey(kind, key) };

  return {
    async ensure() {
      await Promise.all([
        createTable(store, journalName, plainDefinition(journalKey)),
        createTable(store, historyName, plainDefinition([{ field: 'version', type: 'S' }])),
      ]);
      try {
        await store.send(
          new PutItemCommand({
            TableName: tableName(store, journalName),
            Item: { ...recordKey('meta', 'format'), format: { N: String(journalFormat) } },
            ConditionExpression: 'attribute_not_exists(kind)',
          }),
        );
      } catch (error) {
        if (!hasName(error, 'ConditionalCheckFailedException')) throw error;
      }
    },

    async format() {
      const found = await readRecord(store, 'meta', 'format');
      return found && Number(found['format']!.N);
    },

    async get(kind, key) {
      if (kind !== 'history') return (await readRecord(store, kind, key).then((found) => found && parsed(found))) as never;
      try {
        const { Item } = await store.send(new GetItemCommand({ ...placeOf(kind, key), ConsistentRead: true }));
        return Item && (historyOf(Item) as never);
      } catch (error) {
        if (isNoTable(error)) return undefined;
        throw error;
      }
    },

    async list(kind, prefix = '') {
      if (kind !== 'history') return (await readRecords(store, kind, prefix)).map(parsed) as never[];
      const records = await readHistory(store);
      return records.filter((record) => record.version.startsWith(prefix)) as never[];
    },

    async put(kind, key, record, fence) {
      const { TableName, Key } = placeOf(kind, key);
      const fields = kind === 'history' ? attributesOf(record) : { record: { S: JSON.stringify(record) } };
      const Put = { TableName, Item: { ...fields, ...Key } };
      if (fence) await fenced(store, fence, { Put });
      else await store.send(new PutItemCommand(Put));
    },

    async delete(kind, key, fence) {
      const Delete = placeOf(kind, key);
      if (fence) await fenced(store, fence, { Delete });
      else await store.send(new DeleteItemCommand(Delete));
    },
  };
}

/** Writes while the token is the current one of its lock: both in one transaction. */
async function fenced(store: Store, fence: Fence, write: TransactWriteItem): Promise<void> {
  const ConditionCheck = {
    TableName: tableName(store, journalName),
    Key: recordKey('lock', fence.lock),
    ConditionExpression: '#token = :token AND #held = :held',
    ExpressionAttributeNames: { '#token': 'token', '#held': 'held' },
    ExpressionAttributeValues: { ':token': { N: String(fence.token) }, ':held': { BOOL: true } },
  };
  try {
    await store.send(new TransactWriteItemsCommand({ TransactItems: [{ ConditionCheck }, write] }));
  } catch (error) {
    if (cancellations(error)[0] !== 'ConditionalCheckFailed') throw error;
    throw new PolyshiftError('LEASE_LOST', `the lock ${fence.lock} has gone to another run: token ${fence.token} is outdated`);
  }
}

async function readHistory(store: Store): Promise<HistoryRecord[]> {
  const records: HistoryRecord[] = [];
  let start: Item | undefined;
  try {
    do {
      const page = await store.send(
        new ScanCommand({
          TableName: tableName(store, historyName),
          ConsistentRead: true,
          ...(start === undefined ? {} : { ExclusiveStartKey: start }),
        }),
      );
      records.push(...(page.Items ?? []).map(historyOf));
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
  } catch (error) {
    if (!isNoTable(error)) throw error;
  }
  return records.sort((left, right) => (left.version < right.version ? -1 : 1));
}

function parsed(item: Item): unknown {
  return JSON.parse(item['record']!.S!);
}

function attributesOf(record: object): Item {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [name, dynamicAttribute(dynamicOfPlain(value), () => {})]),
  );
}

/** All of its numbers are small. */
function historyOf(item: Item): HistoryRecord {
  return Object.fromEntries(
    Object.entries(item).map(([name, value]) => [name, value.N === undefined ? portableValue(value) : Number(value.N)]),
  ) as unknown as HistoryRecord;
}
