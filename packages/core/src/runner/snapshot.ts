import { type JournalStore, journalFormat } from '../adapter/journal-store.ts';
import type { History } from '../journal/history.ts';
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
  const names = await touchedCollections(journal, run.history);
  const schema = names === 'all' ? await run.session.introspect() : await run.session.introspect(names);
  const there = (name: string): boolean => ownValue(schema.collections, name) !== undefined;
  const own = await newVersions(journal, run.history);
  const listed = names === 'all' ? Object.keys(schema.collections) : names.filter((name) => there(name) || !own.includes(name));
  const snapshot: SchemaSnapshot = {
    version: run.history.currentVersion,
    applied: run.history.applied.map((record) => record.version),
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

async function touchedCollections(journal: JournalStore, history: History): Promise<string[] | 'all'> {
  const names = new Set<string>();
  for (const { version } of history.applied) {
    for (const step of await journal.list('step', `${version}/`)) {
      if (step.operation['type'] === 'run_sql') return 'all';
      // What an operation reads alone (`extract`) counts too.
      names.add(step.operation['collection'] as string);
      for (const name of writtenCollections(step.operation)) names.add(name);
    }
  }
  for (const name of await newVersions(journal, history)) names.add(name);
  return [...names].sort();
}

/** What new versions of collections are called on stores where they have, and keep, names of their own. */
async function newVersions(journal: JournalStore, { applied }: History): Promise<string[]> {
  const names: string[] = [];
  for (const { version } of applied)
    for (const { operation } of await journal.list('step', `${version}/`)) {
      const { type, collection, data } = operation as { type: string; collection: string; data?: { new_collection?: string } };
      if (type === 'online_change') names.push(data?.new_collection ?? `${collection}_v${version}`);
    }
  return names;
}
