import { type Fence, type JournalKind, type JournalStore, journalFormat, PolyshiftError } from '@polyshift/core';
import { type ClientSession, type Document, Long } from 'mongodb';
import { hasCode } from './errors.ts';
import { lockCollection, lockDocuments } from './lock.ts';
import { durable, historyCollection, inTransaction, type Store } from './store.ts';

const metaCollection = 'polyshift_meta';

const collections: Readonly<Record<JournalKind, string>> = {
  history: historyCollection,
  step: 'polyshift_steps',
  run: 'polyshift_runs',
  checkpoint: 'polyshift_checkpoints',
};

/** A record as it is stored. The history has a field per property, for people; the others keep JSON text, which holds any field name. */
interface Stored extends Document {
  _id: string;
  record?: string;
}

/** The journal in the migrated database itself. */
export function journalStore(store: Store): JournalStore {
  const of = (kind: JournalKind) => store.db.collection<Stored>(collections[kind]);

  return {
    async ensure() {
      // Created one by one beforehand: older servers cannot create a collection inside of a transaction.
      for (const name of [...Object.values(collections), lockCollection, metaCollection]) {
        await store.db.command({ create: name, ...durable }).catch((error: unknown) => {
          if (!hasCode(error, 48)) throw error;
        });
      }
      try {
        await store.db.collection<Stored>(metaCollection).insertOne({ _id: 'format', format: journalFormat }, durable);
      } catch (error) {
        if (!hasCode(error, 11000)) throw error;
      }
    },

    async format() {
      const found = await store.db.collection<Stored>(metaCollection).findOne({ _id: 'format' });
      return found ? Number(found['format']) : undefined;
    },

    async get(kind, key) {
      const found = await of(kind).findOne({ _id: key });
      return found ? (fromStored(kind, found) as never) : undefined;
    },

    async list(kind, prefix = '') {
      const filter = prefix === '' ? {} : { _id: { $regex: `^${escapePattern(prefix)}` } };
      const found = await of(kind).find(filter).sort({ _id: 1 }).toArray();
      return found.map((each) => fromStored(kind, each) as never);
    },

    async put(kind, key, record, fence) {
      const stored: Stored =
        kind === 'history' ? { _id: key, ...record } : { _id: key, ...summary(kind, record), record: JSON.stringify(record) };
      await fenced(store, fence, async (session) => {
        await of(kind).replaceOne({ _id: key }, stored, { upsert: true, ...writeOptions(session) });
      });
    },

    async delete(kind, key, fence) {
      await fenced(store, fence, async (session) => {
        await of(kind).deleteOne({ _id: key }, writeOptions(session));
      });
    },
  };
}

/**
 * Writes under a fence. In a transaction the lock's document is written too, so that a takeover at the same moment is a write conflict:
 * one of the two comes first. Without transactions the token is read just before the write, which leaves a gap of one round trip.
 */
async function fenced(
  store: Store,
  fence: Fence | undefined,
  write: (session: ClientSession | undefined) => Promise<void>,
): Promise<void> {
  if (!fence) return write(undefined);
  const filter = { _id: fence.lock, token: Long.fromNumber(fence.token), held: true };
  await inTransaction(store, async (session) => {
    const current = session
      ? (await lockDocuments(store).updateOne(filter, { $inc: { fenced: 1 } } as never, { session })).matchedCount === 1
      : (await lockDocuments(store).findOne(filter)) !== null;
    if (!current) {
      throw new PolyshiftError('LEASE_LOST', `the lock ${fence.lock} has gone to another run: token ${fence.token} is outdated`);
    }
    await write(session);
  });
}

function writeOptions(session: ClientSession | undefined) {
  return session ? { session } : durable;
}

/** What people look for, beside the JSON text. */
function summary(kind: JournalKind, record: object): Document {
  const fields = {
    step: ['version', 'index', 'state'],
    run: ['command', 'started_at', 'outcome'],
    checkpoint: ['updated_at'],
    history: [],
  }[kind];
  return Object.fromEntries(fields.map((field) => [field, (record as Record<string, unknown>)[field]]));
}

function fromStored(kind: JournalKind, stored: Stored): unknown {
  if (kind !== 'history') return JSON.parse(stored.record!);
  const { _id, ...record } = stored;
  return record;
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
