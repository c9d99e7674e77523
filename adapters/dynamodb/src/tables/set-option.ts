import { UpdateContinuousBackupsCommand, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { type JsonValue, PolyshiftError } from '@polyshift/core';
import { type Store, tableName } from '../store.ts';
import { setTtl } from './create.ts';
import { readTable } from './describe.ts';
import type { AlterableOption } from './options.ts';
import { untilAtRest } from './wait.ts';

/** Sets one option of a table, where it is not as wished, and waits until it is in force. Idempotent. */
export async function setOption(store: Store, collection: string, option: AlterableOption, value: JsonValue): Promise<void> {
  await untilAtRest(store, collection);
  const table = await readTable(store, collection);
  const current = table?.definition[option] ?? null;
  if (current === value) return;
  await change(store, collection, option, value, current);
  await untilAtRest(store, collection);
}

async function change(
  store: Store,
  collection: string,
  option: AlterableOption,
  value: JsonValue,
  current: JsonValue,
): Promise<void> {
  const TableName = tableName(store, collection);
  switch (option) {
    case 'ttl_attribute':
      // Another attribute is only taken once the old one is off.
      if (current !== null) await setTtl(store, collection, String(current), false);
      if (value !== null) await setTtl(store, collection, String(value), true);
      return;
    case 'stream_view_type':
      if (current !== null) {
        await store.send(new UpdateTableCommand({ TableName, StreamSpecification: { StreamEnabled: false } }));
        await untilAtRest(store, collection);
      }
      if (value !== null) {
        const StreamViewType = String(value).toUpperCase() as 'NEW_IMAGE';
        await store.send(new UpdateTableCommand({ TableName, StreamSpecification: { StreamEnabled: true, StreamViewType } }));
      }
      return;
    case 'table_class':
      await store.send(new UpdateTableCommand({ TableName, TableClass: String(value).toUpperCase() as 'STANDARD' }));
      return;
    case 'deletion_protection':
      await store.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: value === true }));
      return;
    case 'point_in_time_recovery':
      await store.send(
        new UpdateContinuousBackupsCommand({
          TableName,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: value === true },
        }),
      );
  }
}

/** Why this server cannot set an option; undefined where it can. */
export function missingFeature(store: Store, option: string): string | undefined {
  const feature = { point_in_time_recovery: 'point_in_time_recovery', table_class: 'table_classes' }[option];
  return feature !== undefined && !store.features[feature] ? `this server has no ${option}` : undefined;
}

/** Throws UNSUPPORTED_OPERATION, with the place under `path`, where options of a new table ask for what this server does not have. */
export function requireFeatures(store: Store, options: Readonly<Record<string, JsonValue>>, path: string): void {
  for (const [name, value] of Object.entries(options)) {
    const missing = value === false || value === 'standard' ? undefined : missingFeature(store, name);
    if (missing) throw new PolyshiftError('UNSUPPORTED_OPERATION', missing, { place: { path: `${path}.${name}` } });
  }
}
