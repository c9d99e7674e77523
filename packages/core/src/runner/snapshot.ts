import { type JournalStore, journalFormat, type StepRecord } from '../adapter/journal-store.ts';
import { defaultNewCollection } from '../operation/new-collection.ts';
import { writtenCollections } from '../operation/written-collections.ts';
import type { CollectionSchema, StoreSchema } from '../schema/store-schema.ts';
import type { JsonObject } from '../value/json.ts';
import { ownValue } from '../value/own-value.ts';
import type { Run } from './run.ts';

/** The key of the snapshot among the checkpoints. */
export const snapshotKey = 'schema';

/** The schema of the collections that migrations have touched, as the last run left it. */
export interface SchemaSnapshot {
  readonly version: string | null;
  /** The versions that were applied then; missing where an older polyshift kept it. */
  readonly applied?: readonly string[];
  readonly collections: Readonly<Record<string, CollectionSchema | null>>;
}

/** Keeps the schema as this run leaves it, so that `verify` can tell later what has drifted. */
export async function keepSnapshot(run: Run): Promise<void> {
  const { journal } = run.session;
  const applied = run.history.applied.map((record) => record.version);
  const steps = (await journal.list('step')).filter((step) => applied.includes(step.version));
  const [names, own] = [touchedCollections(steps), newVersions(steps)];
  const schema = names === 'all' ? await run.session.introspect() : await run.session.introspect([...names, ...own]);
  const there = own.filter((name) => ownValue(schema.collections, name) !== undefined);
  const listed = names === 'all' ? Object.keys(schema.collections) : [...new Set([...names, ...there])].sort();
  const snapshot: SchemaSnapshot = {
    version: run.history.currentVersion,
    applied,
    collections: Object.fromEntries(listed.map((name) => [name, comparable(schema, name)])),
  };
  const record = {
    key: snapshotKey,
    data: JSON.parse(JSON.stringify(snapshot)) as JsonObject,
    updated_at: new Date().toISOString(),
    format: journalFormat,
  };
  await journal.put('checkpoint', snapshotKey, record, run.fence);
}

/** The schema as the last run left it; undefined before the first run. */
export async function readSnapshot(journal: JournalStore): Promise<SchemaSnapshot | undefined> {
  const record = await journal.get('checkpoint', snapshotKey);
  return record?.data as unknown as SchemaSnapshot | undefined;
}

/** A collection without what changes by itself. */
export function comparable(schema: StoreSchema, name: string): CollectionSchema | null {
  const collection = ownValue(schema.collections, name);
  if (!collection) return null;
  const { approximate_count: _count, ...rest } = collection;
  return rest;
}

function touchedCollections(steps: readonly StepRecord[]): string[] | 'all' {
  if (steps.some(({ operation }) => operation['type'] === 'run_sql')) return 'all';
  // What an operation reads alone (`extract`) counts too.
  return steps.flatMap(({ operation }) => [operation['collection'] as string, ...writtenCollections(operation)]);
}

/** What new versions of collections are called on stores where they have, and keep, names of their own. */
function newVersions(steps: readonly StepRecord[]): string[] {
  return steps.flatMap(({ version, operation }) => {
    const { type, collection, data } = operation as { type: string; collection: string; data?: { new_collection?: string } };
    return type === 'online_change' ? [data?.new_collection ?? defaultNewCollection(collection, version)] : [];
  });
}
