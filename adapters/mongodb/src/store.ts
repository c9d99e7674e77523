import type { ServerInfo } from '@polyshift/core';
import type { ClientSession, Collection, Db, Document, MongoClient } from 'mongodb';
import type { FeatureSearch } from './feature-search.ts';
import type { Features } from './features.ts';
import { labelledCommit } from './labelled-commit.ts';

/** What every part of a session works with: the connection, and what its server can do. */
export interface Store {
  readonly client: MongoClient;
  readonly db: Db;
  /** What the server can do; throws until it is known, on a connection that is for looking alone. */
  readonly features: Features;
  readonly search: FeatureSearch;
  readonly server: ServerInfo;
  /** Statements in one write command, at most. */
  readonly maxStatements: number;
}

/** Writes are on disk on most members when their promise resolves: as an option of the driver, and as a field of a command. */
export const durable = { writeConcern: { w: 'majority', j: true } } as const;

/** Names of polyshift's own collections start with this. */
const ownPrefix = 'polyshift_';

/** The history has the name that the requirement fixes. */
export const historyCollection = 'schema_versions';

/** Whether a collection is polyshift's own, or the server's: schemas never show those. */
export function isOwnCollection(name: string): boolean {
  return name === historyCollection || name.startsWith(ownPrefix) || name.startsWith('system.');
}

/** The collection that keeps what a step or load needs for its rollback; `part` tells several of one step apart. */
export function asideCollection(aside: string, part = ''): string {
  return `${ownPrefix}aside_${aside}${part && `_${part}`}`;
}

/** A collection without a document type: documents go through raw or exact forms. */
export function collectionOf(store: Store, name: string): Collection<Document> {
  return store.db.collection(name);
}

/** Reads documents as raw bytes, every BSON type kept. */
export const raw = { raw: true, promoteBuffers: false } as const;

/** Reads documents with BSON classes instead of JavaScript numbers, for definitions that must come back as they were. */
export const exact = { promoteValues: false, promoteLongs: false, bsonRegExp: true } as const;

/**
 * Runs work in a transaction where the server has them; the driver runs it again on a write conflict. Without transactions the work
 * runs as it is, with no session: callers order their writes so that a stop between any two of them is repaired by running again.
 */
export async function inTransaction<Result>(
  store: Store,
  work: (session: ClientSession | undefined) => Promise<Result>,
): Promise<Result> {
  if (!store.features.transactions) return work(undefined);
  const session = labelledCommit(store.client.startSession());
  try {
    return await session.withTransaction(() => work(session), {
      readConcern: { level: 'snapshot' },
      readPreference: 'primary',
      ...durable,
    });
  } finally {
    await session.endSession();
  }
}

/** Drops a collection; one that is not there is no error. */
export async function dropIfThere(store: Store, name: string): Promise<void> {
  try {
    await store.db.command({ drop: name, ...durable });
  } catch (error) {
    if ((error as { code?: unknown }).code !== 26) throw error;
  }
}
