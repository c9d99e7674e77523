import { randomBytes } from 'node:crypto';
import type { ServerInfo } from '@polyshift/core';
import type { Db, Document, MongoClient } from 'mongodb';

/** What a server can do, found out by trying. */
export interface Features {
  /** Several documents change at once or not at all. */
  readonly transactions: boolean;
  /** A collection's validator is kept and can be changed by collMod. */
  readonly validators: boolean;
  /** Updates take an aggregation pipeline. */
  readonly pipeline_updates: boolean;
  /** Indexes can be hidden. */
  readonly hidden_indexes: boolean;
  /** Reads of one point in time, over several cursors. */
  readonly snapshot_reads: boolean;
  /** Changes can be followed. */
  readonly change_streams: boolean;
}

/** Tries out what the server can do. A user who may only read has none of the writing ones, which no reading needs. */
export async function findFeatures(client: MongoClient, db: Db, hello: Document): Promise<Features> {
  const scratch = `polyshift_probe_${randomBytes(6).toString('hex')}`;
  const sessions = hello['logicalSessionTimeoutMinutes'] !== undefined && hello['logicalSessionTimeoutMinutes'] !== null;
  const [pipeline_updates, change_streams, snapshot_reads] = await Promise.all([
    can(() => db.command({ update: scratch, updates: [{ q: { _id: 0 }, u: [{ $set: { a: 1 } }], upsert: false }] })),
    can(async () => {
      // Opened without waiting for a change, and closed at once.
      const opened = await db.command(
        { aggregate: scratch, pipeline: [{ $changeStream: {} }], cursor: { batchSize: 0 } },
        { promoteLongs: false },
      );
      await db.command({ killCursors: scratch, cursors: [opened['cursor'].id] }).catch(() => undefined);
    }, sessions),
    can(async () => {
      await using session = client.startSession({ snapshot: true });
      await db.collection(scratch).find({}, { session, limit: 1 }).toArray();
    }, sessions),
  ]);
  // Nothing but a collection tells the rest: one with a name of its own, dropped at once.
  try {
    const validators = await keepsValidators(db, scratch);
    const [hidden_indexes, transactions] = [await hidesIndexes(db, scratch), sessions && (await rollsBack(client, db, scratch))];
    return { transactions, validators, pipeline_updates, hidden_indexes, snapshot_reads, change_streams };
  } finally {
    await db.command({ drop: scratch }).catch(() => undefined);
  }
}

async function can(attempt: () => Promise<unknown>, possible = true): Promise<boolean> {
  if (!possible) return false;
  try {
    await attempt();
    return true;
  } catch {
    return false;
  }
}

/** Some servers take a validator and forget it. */
async function keepsValidators(db: Db, scratch: string): Promise<boolean> {
  return can(async () => {
    await db.command({ create: scratch, validator: { a: { $exists: true } } });
    await db.command({ collMod: scratch, validator: { b: { $exists: true } } });
    const [listed] = await db.listCollections({ name: scratch }).toArray();
    const validator = (listed as { options?: Document } | undefined)?.options?.['validator'] as Document | undefined;
    if (validator?.['b'] === undefined) throw new Error('the validator was not kept');
    await db.command({ collMod: scratch, validator: {} });
  });
}

async function hidesIndexes(db: Db, scratch: string): Promise<boolean> {
  return can(async () => {
    await db.command({ createIndexes: scratch, indexes: [{ key: { a: 1 }, name: 'a', hidden: false }] });
    await db.command({ collMod: scratch, index: { name: 'a', hidden: true } });
    const indexes = await db.collection(scratch).listIndexes().toArray();
    if (!indexes.some((index) => index['name'] === 'a' && index['hidden'] === true)) throw new Error('the index was not hidden');
  });
}

async function rollsBack(client: MongoClient, db: Db, scratch: string): Promise<boolean> {
  return can(async () => {
    const documents = db.collection<{ _id: number; n: number }>(scratch);
    await documents.insertOne({ _id: 1, n: 1 });
    await using session = client.startSession();
    session.startTransaction();
    await documents.updateOne({ _id: 1 }, { $set: { n: 2 } }, { session });
    await session.abortTransaction();
    if ((await documents.findOne({ _id: 1 }))?.n !== 1) throw new Error('the transaction was not rolled back');
  });
}

/** What the server answers to hello, or to its old name where it has no other. */
export async function sayHello(db: Db): Promise<Document> {
  try {
    return await db.command({ hello: 1 });
  } catch {
    return db.command({ isMaster: 1 });
  }
}

/** Who the server is, with its features as far as they are known. */
export async function serverInfo(db: Db, features: Partial<Features>): Promise<ServerInfo> {
  const build = await db.command({ buildInfo: 1 }).catch((): Document => ({}));
  const standIn =
    build['polyshiftStandin'] !== undefined ||
    (Array.isArray(build['modules']) && build['modules'].includes('polyshift-standin'));
  return {
    product: standIn ? 'MongoDB stand-in (mongo-java-server)' : 'MongoDB',
    version: String(build['version'] ?? '0 (not told)'),
    stand_in: standIn,
    features: { ...features },
  };
}
