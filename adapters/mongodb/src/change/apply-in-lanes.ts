import type { JsonObject, Progress, RunContext } from '@polyshift/core';
import type { ClientSession, Document } from 'mongodb';
import { idFromJson, idToJson } from '../bson/id.ts';
import { idRange } from '../bson/id-range.ts';
import { both } from '../conditions.ts';
import { inTransaction, type Store } from '../store.ts';
import { changeByServer, forgetRange, NotByServer } from './by-server.ts';
import type { ChangeTarget, ServerChange } from './change.ts';
import { type IdRange, idRanges } from './id-ranges.ts';
import { inOrder } from './in-order.ts';
import { keepsBytes } from './keeps-bytes.ts';
import { Lanes, laneCount } from './lanes.ts';

/** Batches in a row that the server has begun and left to the client, before it is not asked any more: each costs an update for nothing. */
const mostInVain = 3;

/**
 * How long a batch that is ready holds its documents while the one before it is not committed, in milliseconds: that one may wait for a transaction
 * of the application. Then it lets them go, and is done again at its turn.
 */
const longestWait = 1000;

/** How far it is, as journaled. */
interface Checkpoint extends JsonObject {
  done: boolean;
  rows_done: number;
}

/** The two ways to change a batch. */
export interface BatchWork {
  /** Undefined where the server cannot do it alone. */
  readonly byServer: ServerChange | undefined;
  /**
   * Changes the documents that meet a filter, in a transaction, and keeps what rollback needs in it.
   *
   * @param earlier whether an earlier attempt may have changed some of them: those whose image is there
   * @returns the number of documents that it has dealt with
   */
  byClient(chosen: Document, session: ClientSession, earlier: boolean): Promise<number>;
}

/**
 * Changes documents in transactions, batch by batch in the order of _id, two at once, committed in their order. Where the server can, it does all the
 * work; a batch where it cannot goes through the client. After a stop it goes on behind the last batch that was committed.
 *
 * @returns the number of documents that were dealt with
 */
export async function* applyInLanes(
  store: Store,
  target: ChangeTarget,
  size: number,
  run: RunContext,
  work: BatchWork,
): AsyncGenerator<Progress, number> {
  const checkpoint = run.checkpoint as (Checkpoint & { after?: never }) | undefined;
  const lanes = await Lanes.claim(store, target.aside);
  const journaled = checkpoint?.after === undefined ? undefined : idFromJson(checkpoint.after);
  const start = lanes.position ?? { batch: -1, after: journaled, rows_done: checkpoint?.rows_done ?? 0 };
  const rest = both(idRange(start.after, undefined), target.filter);
  const rows_total = start.rows_done + (await store.db.collection(target.collection).countDocuments(rest));
  let byServer = work.byServer && !lanes.earlier && (await keepsBytes(store, target.aside)) ? work.byServer : undefined;
  let inVain = 0;

  async function changeBatch(item: Batch, lane: number, turn: () => Promise<number | undefined>): Promise<number> {
    try {
      return await attempt(item, lane, turn);
    } catch (error) {
      if (!(error instanceof OutOfTurn)) throw error;
    }
    await forgetRange(store, target, item.range);
    await turn();
    return attempt(item, lane, turn);
  }

  async function attempt({ range, batch }: Batch, lane: number, turn: () => Promise<number | undefined>): Promise<number> {
    const commit = async (session: ClientSession, rows: number, throughClient: boolean): Promise<number> => {
      const rows_done = ((await soon(turn())) ?? start.rows_done) + rows;
      await lanes.record(session, lane, { batch, after: range.last, rows_done }, throughClient);
      return rows_done;
    };
    const change = byServer;
    if (change) {
      let again = false;
      try {
        return await inTransaction(store, async (session) => {
          if (again) await forgetRange(store, target, range);
          again = true;
          const rows = await changeByServer(store, target, change, range, session!);
          inVain = 0;
          await run.fault('kept');
          return commit(session!, rows, false);
        });
      } catch (error) {
        if (!(error instanceof NotByServer)) throw error;
        if (error.refused || ++inVain === mostInVain) byServer = undefined;
        await forgetRange(store, target, range);
      }
    }
    return inTransaction(store, async (session) => {
      const rows = await work.byClient(both(range.filter, target.filter), session!, lanes.earlier);
      return commit(session!, rows, true);
    });
  }

  const batches = batchesOf(run, idRanges(store, target.collection, target.filter, size, start.after), start.batch + 1);
  let done = start.rows_done;
  for await (const { item, result: rows_done } of inOrder(batches, laneCount, changeBatch)) {
    await run.fault('applied');
    await run.save({ done: false, after: idToJson(item.range.last), rows_done }, rows_done);
    yield { rows_done, rows_total: Math.max(rows_total, rows_done) };
    done = rows_done;
  }
  return done;
}

/** A batch has waited too long for the one before it. */
class OutOfTurn extends Error {}

/** Waits only as long as the application may be kept from writing the documents of a batch for the sake of another one. */
async function soon<Result>(turn: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new OutOfTurn()), longestWait);
  });
  try {
    return await Promise.race([turn, late]);
  } finally {
    clearTimeout(timer);
  }
}

interface Batch {
  readonly range: IdRange;
  /** Counts from the first batch of the step, over all its runs. */
  readonly batch: number;
}

async function* batchesOf(run: RunContext, ranges: AsyncIterable<IdRange>, first: number): AsyncGenerator<Batch> {
  let batch = first;
  for await (const range of ranges) {
    await run.guard();
    yield { range, batch: batch++ };
  }
}
