import { randomBytes } from 'node:crypto';
import { QueryCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { AsideEntry, AsideStore } from '@polyshift/adapter-kit';
import { type JsonValue, PolyshiftError } from '@polyshift/core';
import { isNoTable } from '../errors.ts';
import { inFlight } from '../in-flight.ts';
import { type Store, tableName } from '../store.ts';
import { createTable, deleteTable, plainDefinition } from '../tables/create.ts';
import type { Item } from '../values/attribute.ts';
import { getItems } from './batch-get.ts';
import { deleteItems, putItems } from './batch-write.ts';
import { insertRows } from './insert-rows.ts';

/** Letters of JSON text in one item: four bytes each at most, and room for the key. */
const pieceLength = 90_000;

/** The sort key of the item that stands for an entry; it tells the parts of a text that is too long for one item. */
const head = 'head';

const key = [
  { field: 'key', type: 'S' as const },
  { field: 'part', type: 'S' as const },
];

/** The collection in which a place aside is kept: a table of its own, so that dropping it costs one request. */
export function asideCollection(name: string): string {
  return `polyshift_${name}`;
}

/** See {@link AsideStore}. A text that is too long for one item is kept in parts, which are durable before the item that names them. */
export function asideStore(store: Store): AsideStore {
  const table = (name: string): string => tableName(store, asideCollection(name));

  /** The item of an entry, once its parts are written. */
  const itemOf = async (name: string, entry: AsideEntry): Promise<Item> => {
    const text = JSON.stringify(entry.value);
    const item: Item = { key: { S: entry.key }, part: { S: head } };
    if (text.length <= pieceLength) return { ...item, value: { S: text } };
    const generation = randomBytes(8).toString('hex');
    const parts: Item[] = [];
    for (let start = 0; start < text.length; start += pieceLength) {
      const part = `${generation}/${String(parts.length).padStart(6, '0')}`;
      parts.push({ key: { S: entry.key }, part: { S: part }, value: { S: text.slice(start, start + pieceLength) } });
    }
    await putItems(store, table(name), parts);
    return { ...item, generation: { S: generation } };
  };

  /** The value of an entry from its item, and its parts where it has any. */
  const read = async (name: string, item: Item): Promise<JsonValue> => {
    if (item['value']) return JSON.parse(item['value'].S!) as JsonValue;
    let text = '';
    let start: Item | undefined;
    do {
      const page = await store.send(
        new QueryCommand({
          TableName: table(name),
          ConsistentRead: true,
          KeyConditionExpression: '#k = :k AND begins_with(#p, :p)',
          ExpressionAttributeNames: { '#k': 'key', '#p': 'part' },
          ExpressionAttributeValues: { ':k': item['key']!, ':p': { S: `${item['generation']!.S}/` } },
          ...(start === undefined ? {} : { ExclusiveStartKey: start }),
        }),
      );
      text += (page.Items ?? []).map((each) => each['value']!.S!).join('');
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
    return JSON.parse(text) as JsonValue;
  };

  /** The keys of all items of an entry that has parts. */
  const partsOf = async (name: string, entryKey: string): Promise<Item[]> => {
    const page = await store.send(
      new QueryCommand({
        TableName: table(name),
        ConsistentRead: true,
        KeyConditionExpression: '#k = :k',
        ProjectionExpression: '#k, #p',
        ExpressionAttributeNames: { '#k': 'key', '#p': 'part' },
        ExpressionAttributeValues: { ':k': { S: entryKey } },
      }),
    );
    return page.Items ?? [];
  };

  return {
    async ensure(name) {
      await createTable(store, asideCollection(name), plainDefinition(key));
    },

    async put(name, entries, mode) {
      // One that stands twice in the list counts once: the first with keep, the last with replace.
      const distinct = new Map<string, AsideEntry>();
      for (const entry of entries) if (mode === 'replace' || !distinct.has(entry.key)) distinct.set(entry.key, entry);
      const items = await inFlight([...distinct.values()], (entry) => itemOf(name, entry));
      if (mode === 'replace') return putItems(store, table(name), items);
      const outcomes = await insertRows(
        store,
        { TableName: table(name), key },
        items.map((item) => ({ kind: 'insert', key: [item['key']!.S!, head], row: new Map(Object.entries(item)) })),
      );
      const failed = outcomes.find((outcome) => typeof outcome === 'object');
      if (failed) throw new PolyshiftError(failed.code, failed.message);
    },

    async get(name, keys) {
      const wanted = [...new Set(keys)].map((each): Item => ({ key: { S: each }, part: { S: head } }));
      const items = await orNothing(getItems(store, table(name), wanted));
      const values = await inFlight(items, (item) => read(name, item));
      return new Map(items.map((item, index) => [item['key']!.S!, values[index]!]));
    },

    async list(name, after, limit) {
      const items: Item[] = [];
      let start: Item | undefined = after === undefined ? undefined : { key: { S: after }, part: { S: head } };
      do {
        const page = await orNothing(
          store
            .send(
              new ScanCommand({
                TableName: table(name),
                ConsistentRead: true,
                Limit: limit,
                FilterExpression: '#p = :head',
                ExpressionAttributeNames: { '#p': 'part' },
                ExpressionAttributeValues: { ':head': { S: head } },
                ...(start === undefined ? {} : { ExclusiveStartKey: start }),
              }),
            )
            .then((found) => [found]),
        );
        items.push(...(page[0]?.Items ?? []));
        start = page[0]?.LastEvaluatedKey;
      } while (start !== undefined && items.length < limit);
      const values = await inFlight(items.slice(0, limit), (item) => read(name, item));
      return values.map((value, index) => ({ key: items[index]!['key']!.S!, value }));
    },

    async delete(name, keys) {
      const parts = await inFlight([...new Set(keys)], (each) => orNothing(partsOf(name, each)));
      await deleteItems(store, table(name), parts.flat());
    },

    drop: (name) => deleteTable(store, asideCollection(name)),
  };
}

/** What was asked of a table, or nothing where it is not there. */
async function orNothing<Each>(asked: Promise<Each[]>): Promise<Each[]> {
  try {
    return await asked;
  } catch (error) {
    if (isNoTable(error)) return [];
    throw error;
  }
}
