import type { LockHolder, LockRecord, LockStore } from '@polyshift/core';
import { type Collection, type Document, Long } from 'mongodb';
import { hasCode } from './errors.ts';
import { sayHello } from './features.ts';
import { durable, type Store } from './store.ts';

/** The collection of the locks; one document per name, kept over releases so that tokens only grow. */
export const lockCollection = 'polyshift_lock';

/** A lock as it is stored. */
export interface LockDocument {
  _id: string;
  token: Long;
  held: boolean;
  holder: LockHolder;
  acquired_at: Date;
  expires_at: Date;
}

/**
 * Leases, judged by the server's clock: `$$NOW` inside the one statement where updates take pipelines, else the time that the server
 * tells just before it.
 */
export function lockStore(store: Store): LockStore {
  const locks = store.db.collection<LockDocument>(lockCollection);

  const now = async (): Promise<Date> => (await sayHello(store.db))['localTime'] as Date;

  const read = async (name: string): Promise<LockRecord | undefined> => {
    const found = await locks.findOne({ _id: name });
    return found?.held ? toRecord(found, await now()) : undefined;
  };

  /** The document must be there before: no server takes $expr in the filter of an upsert. It is free, with the token 0. */
  const createFree = async (name: string): Promise<void> => {
    try {
      const free = { token: Long.ZERO, held: false };
      await locks.updateOne({ _id: name }, { $setOnInsert: free }, { upsert: true, ...durable });
    } catch (error) {
      if (!hasCode(error, 11000)) throw error;
    }
  };

  const take = async (name: string, holder: LockHolder, ttl_ms: number): Promise<LockDocument | null> => {
    if (store.features.pipeline_updates) {
      return locks.findOneAndUpdate(
        { _id: name, $or: [{ held: { $ne: true } }, { $expr: { $lte: ['$expires_at', '$$NOW'] } }] } as never,
        [
          {
            $set: {
              token: { $add: ['$token', Long.ONE] },
              held: true,
              holder: { $literal: holder },
              acquired_at: '$$NOW',
              expires_at: { $add: ['$$NOW', ttl_ms] },
            },
          },
        ],
        { returnDocument: 'after', ...durable },
      );
    }
    const time = await now();
    return locks.findOneAndUpdate(
      { _id: name, $or: [{ held: { $ne: true } }, { expires_at: { $lte: time } }] } as never,
      {
        $inc: { token: Long.ONE },
        $set: { held: true, holder, acquired_at: time, expires_at: new Date(time.getTime() + ttl_ms) },
      } as never,
      { returnDocument: 'after', ...durable },
    );
  };

  return {
    async acquire(name, holder, ttl_ms) {
      for (;;) {
        const taken = await take(name, holder, ttl_ms);
        if (taken) return { acquired: true, token: Number(taken.token) };
        // Held by another, unless it was released just now: then it is asked for again.
        const current = await read(name);
        if (current && !current.expired) return { acquired: false, current };
        await createFree(name);
      }
    },

    async renew(name, token, ttl_ms) {
      const filter = { _id: name, token: Long.fromNumber(token), held: true };
      const expires_at = store.features.pipeline_updates ? undefined : new Date((await now()).getTime() + ttl_ms);
      const update: Document | Document[] = expires_at
        ? { $set: { expires_at } }
        : [{ $set: { expires_at: { $add: ['$$NOW', ttl_ms] } } }];
      return (await locks.updateOne(filter, update as never, durable)).matchedCount === 1;
    },

    async release(name, token) {
      const filter = { _id: name, token: Long.fromNumber(token), held: true };
      return (await locks.updateOne(filter, { $set: { held: false } }, durable)).matchedCount === 1;
    },

    read,

    async breakLock(name) {
      const time = await now();
      const before = await locks.findOneAndUpdate(
        { _id: name, held: true },
        { $set: { held: false }, $inc: { token: Long.ONE } } as never,
        {
          returnDocument: 'before',
          ...durable,
        },
      );
      return before ? toRecord(before, time) : undefined;
    },
  };
}

function toRecord(lock: LockDocument, time: Date): LockRecord {
  return {
    name: lock._id,
    token: Number(lock.token),
    holder: lock.holder,
    acquired_at: lock.acquired_at.toISOString(),
    expires_at: lock.expires_at.toISOString(),
    expired: lock.expires_at.getTime() <= time.getTime(),
  };
}

/** The locks as plain documents, for the fence of the journal. */
export function lockDocuments(store: Store): Collection<LockDocument> {
  return store.db.collection<LockDocument>(lockCollection);
}
