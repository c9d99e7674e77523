import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteTableCommand,
  type GlobalSecondaryIndex,
  type KeySchemaElement,
  type LocalSecondaryIndex,
  type ProvisionedThroughput,
  type TableDescription,
  UpdateContinuousBackupsCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { PolyshiftError } from '@polyshift/core';
import { attemptsAfter, backOff } from '../backoff.ts';
import { classify, hasName, isNoTable } from '../errors.ts';
import { type Store, tableName } from '../store.ts';
import type { Capacity, IndexDefinition, KeySchema, TableDefinition } from './definition.ts';
import { isAtRest, untilTable } from './wait.ts';

/** Looks, with growing pauses a minute in all, at a table that was created and is not shown yet. */
const looksForNewTable = 20;

/** A table of polyshift's own: a key, paid per request. */
export function plainDefinition(key: TableDefinition['key']): TableDefinition {
  return {
    key,
    indexes: [],
    billing_mode: 'pay_per_request',
    capacity: null,
    stream_view_type: null,
    ttl_attribute: null,
    table_class: 'standard',
    deletion_protection: false,
    point_in_time_recovery: false,
    kms_key: null,
  };
}

/** Creates a table and waits until it can be used. One that is there already is left as it is, but what a stopped attempt had not set yet is set. */
export async function createTable(store: Store, collection: string, definition: TableDefinition): Promise<void> {
  const there = await untilTable(store, collection, (table) => table?.TableStatus !== 'DELETING');
  if (there === undefined) {
    try {
      await store.send(new CreateTableCommand(createInput(store, collection, definition)));
    } catch (error) {
      // Somebody else was faster, or the answer to an earlier attempt was lost.
      if (!hasName(error, 'ResourceInUseException')) throw error;
    }
  }
  // The service may not show a new table at once.
  let absent = 0;
  await untilTable(store, collection, (table) => {
    if (table === undefined && ++absent > looksForNewTable)
      throw new PolyshiftError('STORE_BUSY', `the table ${collection} was created and is not there`, { retryable: true });
    return isAtRest(table);
  });
  const TableName = tableName(store, collection);
  if (definition.ttl_attribute !== null) await setTtl(store, collection, definition.ttl_attribute, true);
  if (definition.point_in_time_recovery && store.features.point_in_time_recovery) {
    await store.send(
      new UpdateContinuousBackupsCommand({
        TableName,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      }),
    );
  }
}

/** Switches the expiry of items by an attribute on or off; as it is already is no error. */
export async function setTtl(store: Store, collection: string, attribute: string, enabled: boolean): Promise<void> {
  try {
    await store.send(
      new UpdateTimeToLiveCommand({
        TableName: tableName(store, collection),
        TimeToLiveSpecification: { Enabled: enabled, AttributeName: attribute },
      }),
    );
  } catch (error) {
    if (!/already (enabled|disabled)/i.test((error as Error).message)) throw error;
  }
}

/** Deletes a table and waits until it is gone; one that is not there is no error, and one that is being changed is waited for. */
export async function deleteTable(store: Store, collection: string): Promise<void> {
  store.keys.delete(collection);
  let identity: string;
  for (let attempt = 1; ; attempt++) {
    const table = await untilTable(
      store,
      collection,
      (found) => found === undefined || found.TableStatus === 'DELETING' || isAtRest(found),
    );
    if (table === undefined) return;
    identity = identityOf(table);
    if (table.TableStatus === 'DELETING') break;
    try {
      await store.send(new DeleteTableCommand({ TableName: tableName(store, collection) }));
      break;
    } catch (error) {
      if (isNoTable(error)) return;
      // Somebody changes it at this moment, or the answer was lost: the next look tells.
      if (!classify(error).retryable || attempt >= attemptsAfter(error)) throw error;
      await backOff(attempt);
    }
  }
  await untilTable(store, collection, (table) => table === undefined || identityOf(table) !== identity);
}

/** Tells a table from one of the same name that is made later. */
function identityOf(table: TableDescription): string {
  return table.TableId ?? String(table.CreationDateTime?.getTime());
}

/** What CreateTable takes. */
export function createInput(store: Store, collection: string, definition: TableDefinition): CreateTableCommandInput {
  const local = definition.indexes.filter((index) => index.local).map((index): LocalSecondaryIndex => indexInput(index));
  const global = definition.indexes.filter((index) => !index.local).map(globalIndexInput);
  return {
    TableName: tableName(store, collection),
    AttributeDefinitions: attributeTypes([definition.key, ...definition.indexes.map((index) => index.key)]),
    KeySchema: keyElements(definition.key),
    ...(local.length === 0 ? {} : { LocalSecondaryIndexes: local }),
    ...(global.length === 0 ? {} : { GlobalSecondaryIndexes: global }),
    BillingMode: definition.billing_mode === 'provisioned' ? 'PROVISIONED' : 'PAY_PER_REQUEST',
    ...(definition.capacity === null ? {} : { ProvisionedThroughput: throughput(definition.capacity) }),
    ...(definition.stream_view_type === null
      ? {}
      : {
          StreamSpecification: { StreamEnabled: true, StreamViewType: definition.stream_view_type.toUpperCase() as 'NEW_IMAGE' },
        }),
    ...(definition.table_class === 'standard' ? {} : { TableClass: 'STANDARD_INFREQUENT_ACCESS' }),
    ...(definition.deletion_protection ? { DeletionProtectionEnabled: true } : {}),
    ...(definition.kms_key === null
      ? {}
      : { SSESpecification: { Enabled: true, SSEType: 'KMS', KMSMasterKeyId: definition.kms_key } }),
  };
}

/** The types of all attributes that stand in keys, each once. */
export function attributeTypes(keys: readonly KeySchema[]): { AttributeName: string; AttributeType: 'S' | 'N' | 'B' }[] {
  const types = new Map(keys.flat().map(({ field, type }) => [field, type]));
  return [...types].map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType }));
}

/** What makes a global secondary index. */
export function globalIndexInput(index: IndexDefinition): GlobalSecondaryIndex {
  return { ...indexInput(index), ...(index.capacity === null ? {} : { ProvisionedThroughput: throughput(index.capacity) }) };
}

/** Capacity units as the service takes them. */
export function throughput(capacity: Capacity): ProvisionedThroughput {
  return { ReadCapacityUnits: capacity.read, WriteCapacityUnits: capacity.write };
}

function indexInput(index: IndexDefinition): LocalSecondaryIndex {
  return {
    IndexName: index.name,
    KeySchema: keyElements(index.key),
    Projection: Array.isArray(index.projection)
      ? { ProjectionType: 'INCLUDE', NonKeyAttributes: index.projection }
      : { ProjectionType: index.projection === 'all' ? 'ALL' : 'KEYS_ONLY' },
  };
}

function keyElements(key: KeySchema): KeySchemaElement[] {
  return key.map(({ field }, position) => ({ AttributeName: field, KeyType: position === 0 ? 'HASH' : 'RANGE' }));
}
