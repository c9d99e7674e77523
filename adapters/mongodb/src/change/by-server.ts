import type { ClientSession, Document } from 'mongodb';
import { both } from '../conditions.ts';
import { classify, hasCode } from '../errors.ts';
import { durable, type Store } from '../store.ts';
import type { ChangeTarget, ServerChange } from './change.ts';
import type { IdRange } from './id-ranges.ts';

/** Why a batch has to go through the client. Its transaction is aborted, what it has kept aside is to be forgotten. */
export class NotByServer extends Error {
  /** Whether the server refuses it, so that it need not be tried with the next batch. */
  readonly refused: boolean;

  constructor(message: string, refused = false, cause?: unknown) {
    super(message, { cause });
    this.refused = refused;
  }
}

/**
 * Changes the documents of a range without one of them coming here. The update goes first, in a transaction: from then on nobody else can write
 * those documents, and everybody else sees them as they were. So what the server then copies aside, outside of the transaction, is what
 * they were before, durable before the change is committed. A document that is copied without being changed (it has come into the range in between, or the
 * change makes no difference to it) shows in the numbers, and the batch is left to the client.
 *
 * @returns the number of documents
 */
export async function changeByServer(
  store: Store,
  target: ChangeTarget,
  change: ServerChange,
  range: IdRange,
  session: ClientSession,
): Promise<number> {
  const chosen = both(range.filter, target.filter);
  const collection = store.db.collection(target.collection);
  const { matchedCount, modifiedCount } = await collection.updateMany(chosen, change.update, { session });
  if (matchedCount !== modifiedCount) throw new NotByServer('documents stay as they are');
  if (matchedCount === 0) return 0;
  const stages = [{ $match: chosen }, ...change.kept, { $merge: mergeInto(target.aside) }];
  try {
    await collection.aggregate(stages, { ...durable, readPreference: 'primary' }).toArray();
  } catch (error) {
    if (classify(error).retryable) throw error;
    // 11000: images that a run which has lost its lock has still made.
    throw new NotByServer('the server does not make the images', !hasCode(error, 11000), error);
  }
  const { n } = await store.db.command({ count: target.aside, query: range.filter });
  if (n !== matchedCount) throw new NotByServer('documents have come into the range');
  return matchedCount;
}

/** $merge as an insert that finds nothing there: it was deleted before. */
function mergeInto(into: string): Document {
  return { into, whenMatched: 'fail', whenNotMatched: 'insert' };
}

/** Deletes what an attempt that was not committed has kept of a range. */
export async function forgetRange(store: Store, target: ChangeTarget, range: IdRange): Promise<void> {
  await store.db.collection(target.aside).deleteMany(range.filter, durable);
}
