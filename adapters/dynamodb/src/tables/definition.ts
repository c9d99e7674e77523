import type {
  AttributeDefinition,
  GlobalSecondaryIndexDescription,
  KeySchemaElement,
  LocalSecondaryIndexDescription,
  Projection,
  ProvisionedThroughputDescription,
  TableDescription,
} from '@aws-sdk/client-dynamodb';
import type { JsonObject } from '@polyshift/core';

/** The types that an attribute of a key can have: string, number, binary. */
export type KeyType = 'S' | 'N' | 'B';

/** One attribute of a key. */
export interface KeyField extends JsonObject {
  field: string;
  type: KeyType;
}

/** The partition key, and the sort key where there is one. */
export type KeySchema = readonly KeyField[];

/** Provisioned throughput, in capacity units per second. */
export interface Capacity extends JsonObject {
  read: number;
  write: number;
}

/** A secondary index, complete enough to be made again. */
export interface IndexDefinition extends JsonObject {
  name: string;
  /** A local one shares the partition key of the table, and can only be made with it. */
  local: boolean;
  key: KeyField[];
  /** What the index holds beside the keys: everything, nothing, or these. */
  projection: 'all' | 'keys_only' | string[];
  /** Null where the table is paid per request, and for local ones. */
  capacity: Capacity | null;
}

/** Everything of a table but its items, complete enough to be made again. Options of the service that are not there are null. */
export interface TableDefinition extends JsonObject {
  key: KeyField[];
  indexes: IndexDefinition[];
  billing_mode: 'pay_per_request' | 'provisioned';
  capacity: Capacity | null;
  /** What the stream of changes holds; null without a stream. */
  stream_view_type: string | null;
  /** The attribute that tells when an item expires. */
  ttl_attribute: string | null;
  table_class: 'standard' | 'standard_infrequent_access';
  deletion_protection: boolean;
  point_in_time_recovery: boolean;
  /** The ARN of the KMS key; null for the service's own key. */
  kms_key: string | null;
}

/** The part of a definition that DescribeTable tells. */
export function definitionOf(table: TableDescription): TableDefinition {
  const types = table.AttributeDefinitions ?? [];
  const perRequest = table.BillingModeSummary?.BillingMode === 'PAY_PER_REQUEST';
  const index = (each: GlobalSecondaryIndexDescription & LocalSecondaryIndexDescription, local: boolean): IndexDefinition => ({
    name: each.IndexName!,
    local,
    key: keyOf(each.KeySchema, types),
    projection: projectionOf(each.Projection),
    capacity: perRequest || local ? null : capacityOf(each.ProvisionedThroughput),
  });
  const indexes = [
    ...(table.GlobalSecondaryIndexes ?? []).map((each) => index(each, false)),
    ...(table.LocalSecondaryIndexes ?? []).map((each) => index(each, true)),
  ];
  return {
    key: keyOf(table.KeySchema, types),
    indexes: indexes.sort((left, right) => (left.name < right.name ? -1 : 1)),
    billing_mode: perRequest ? 'pay_per_request' : 'provisioned',
    capacity: perRequest ? null : capacityOf(table.ProvisionedThroughput),
    stream_view_type: table.StreamSpecification?.StreamEnabled
      ? (table.StreamSpecification.StreamViewType ?? '').toLowerCase()
      : null,
    ttl_attribute: null,
    table_class: table.TableClassSummary?.TableClass === 'STANDARD_INFREQUENT_ACCESS' ? 'standard_infrequent_access' : 'standard',
    deletion_protection: table.DeletionProtectionEnabled ?? false,
    point_in_time_recovery: false,
    kms_key: table.SSEDescription?.Status === 'ENABLED' ? (table.SSEDescription.KMSMasterKeyArn ?? null) : null,
  };
}

/** A key with its types. */
export function keyOf(elements: readonly KeySchemaElement[] | undefined, types: readonly AttributeDefinition[]): KeyField[] {
  const ordered = [...(elements ?? [])].sort((left) => (left.KeyType === 'HASH' ? -1 : 1));
  return ordered.map(({ AttributeName }) => ({
    field: AttributeName!,
    type: types.find((type) => type.AttributeName === AttributeName)!.AttributeType as KeyType,
  }));
}

function projectionOf(projection: Projection | undefined): IndexDefinition['projection'] {
  if (projection?.ProjectionType === 'INCLUDE') return [...(projection.NonKeyAttributes ?? [])].sort();
  return projection?.ProjectionType === 'KEYS_ONLY' ? 'keys_only' : 'all';
}

function capacityOf(throughput: ProvisionedThroughputDescription | undefined): Capacity {
  return { read: throughput?.ReadCapacityUnits ?? 0, write: throughput?.WriteCapacityUnits ?? 0 };
}
