import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  ListTablesCommand,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import { isNoTable } from '../errors.ts';
import { isTableName, noCollection, type Store, tableName } from '../store.ts';
import { definitionOf, type KeySchema, keyOf, type TableDefinition } from './definition.ts';

/** A table as it is now. */
export interface Table {
  readonly definition: TableDefinition;
  /** From statistics that the service brings up to date every six hours. */
  readonly item_count: number;
  /** Regions of a global table besides this one. */
  readonly replicas: number;
}

/** The names of all collections, polyshift's own among them, in order. */
export async function listCollections(store: Store): Promise<string[]> {
  const names: string[] = [];
  let start: string | undefined;
  do {
    const page = await store.send(new ListTablesCommand(start === undefined ? {} : { ExclusiveStartTableName: start }));
    names.push(...(page.TableNames ?? []).filter((name) => name.startsWith(store.prefix)));
    start = page.LastEvaluatedTableName;
  } while (start !== undefined);
  return names.map((name) => name.slice(store.prefix.length)).sort();
}

/** What DescribeTable says; undefined where there is no such table. */
export async function describe(store: Store, collection: string): Promise<TableDescription | undefined> {
  if (!isTableName(store, collection)) return undefined;
  try {
    const { Table } = await store.send(new DescribeTableCommand({ TableName: tableName(store, collection) }));
    store.keys.set(collection, keyOf(Table?.KeySchema, Table?.AttributeDefinitions ?? []));
    return Table;
  } catch (error) {
    if (!isNoTable(error)) throw error;
    store.keys.delete(collection);
    return undefined;
  }
}

/** Whether there is a table that can be used: one that is being deleted is none. */
export async function isThere(store: Store, collection: string): Promise<boolean> {
  const table = await describe(store, collection);
  return table !== undefined && table.TableStatus !== 'DELETING';
}

/** A table with its whole definition; undefined where there is none. */
export async function readTable(store: Store, collection: string): Promise<Table | undefined> {
  const [table, ttl_attribute, point_in_time_recovery] = await Promise.all([
    describe(store, collection),
    ttlAttribute(store, collection),
    hasRecovery(store, collection),
  ]);
  if (table === undefined || table.TableStatus === 'DELETING') return undefined;
  return {
    definition: { ...definitionOf(table), ttl_attribute, point_in_time_recovery },
    item_count: table.ItemCount ?? 0,
    replicas: table.Replicas?.length ?? 0,
  };
}

/** The definition of a table that must be there. Throws UNKNOWN_COLLECTION. */
export async function definitionOfTable(store: Store, collection: string): Promise<TableDefinition> {
  const table = await readTable(store, collection);
  if (!table) throw noCollection(store, collection);
  return table.definition;
}

/** The key of a table. Throws UNKNOWN_COLLECTION. */
export async function keyOfTable(store: Store, collection: string): Promise<KeySchema> {
  const known = store.keys.get(collection);
  if (known) return known;
  await describe(store, collection);
  const key = store.keys.get(collection);
  if (!key) throw noCollection(store, collection);
  return key;
}

async function ttlAttribute(store: Store, collection: string): Promise<string | null> {
  if (!isTableName(store, collection)) return null;
  try {
    const { TimeToLiveDescription: ttl } = await store.send(
      new DescribeTimeToLiveCommand({ TableName: tableName(store, collection) }),
    );
    return ttl?.TimeToLiveStatus === 'ENABLED' || ttl?.TimeToLiveStatus === 'ENABLING' ? (ttl.AttributeName ?? null) : null;
  } catch (error) {
    if (isNoTable(error)) return null;
    throw error;
  }
}

async function hasRecovery(store: Store, collection: string): Promise<boolean> {
  if (!store.features.point_in_time_recovery || !isTableName(store, collection)) return false;
  try {
    const { ContinuousBackupsDescription: backups } = await store.send(
      new DescribeContinuousBackupsCommand({ TableName: tableName(store, collection) }),
    );
    return backups?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus === 'ENABLED';
  } catch (error) {
    if (isNoTable(error)) return false;
    throw error;
  }
}
