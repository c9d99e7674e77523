import { PolyshiftError } from '@polyshift/core';
import type { ClientSession } from 'mongodb';
import { idFromJson, idToJson } from '../bson/id.ts';
import { idRange } from '../bson/id-range.ts';
import { dropIfThere, durable, type Store } from '../store.ts';

/** Batches that are in work at the same time: while the server changes one, the round trips of the other pass. */
export const laneCount = 2;

/** How far a change is: everything up to an _id is changed, and nothing behind it. */
interface Position {
  /** The number of the batch that ended there. */
  readonly batch: number;
  readonly after: unknown;
  readonly rows_done: number;
}

/** One lane: written in the transaction of each of its batches. */
interface LaneDocument {
  _id: number;
  /** Grows when another run takes the step over, so that a transaction of the one before cannot commit any more. */
  claim: number;
  batch?: number;
  /** The last _id of the batch, as JSON text. */
  after?: string;
  rows_done?: number;
  /** Some images came through the client, in its form. */
  through_client?: boolean;
  /** Images were there before the lanes: each of them says that its document is changed, wherever the lanes stand. */
  earlier?: boolean;
}

const nameOf = (aside: string): string => `${aside}_lanes`;
const lanesOf = (store: Store, aside: string) => store.db.collection<LaneDocument>(nameOf(aside));

/**
 * The commit records of a change in transactions: which batches are committed, told by the transactions themselves. Images that the server makes are
 * written outside of the transaction that changes their documents, since it allows no $merge in one; those behind the last committed batch are
 * of no document that is changed. Consecutive batches take different lanes, so that their transactions do not conflict.
 */
export class Lanes {
  private readonly store: Store;
  private readonly aside: string;
  private readonly claims: ReadonlyMap<number, number>;
  /** Undefined where no batch is committed. */
  readonly position: Position | undefined;
  /** Whether images of an attempt before the lanes are there, which must be looked at. */
  readonly earlier: boolean;

  private constructor(store: Store, aside: string, lanes: readonly LaneDocument[]) {
    this.store = store;
    this.aside = aside;
    this.claims = new Map(lanes.map(({ _id, claim }) => [_id, claim]));
    this.earlier = lanes.some(({ earlier }) => earlier);
    this.position = furthest(lanes);
  }

  /** Takes the lanes over, shuts out transactions of whoever had them before, and deletes images of what was not committed. */
  static async claim(store: Store, aside: string): Promise<Lanes> {
    const lanes = lanesOf(store, aside);
    const { matchedCount } = await lanes.updateMany({}, { $inc: { claim: 1 } }, durable);
    if (matchedCount === 0) {
      const earlier = (await store.db.collection(aside).findOne({}, { projection: { _id: 1 } })) !== null;
      const fresh = Array.from({ length: laneCount }, (_, _id) => ({ _id, claim: 1, ...(earlier ? { earlier } : {}) }));
      await lanes.insertMany(fresh, durable);
    }
    const claimed = new Lanes(store, aside, await lanes.find({}).toArray());
    if (matchedCount > 0) await claimed.forgetUncommitted();
    return claimed;
  }

  /** Records a batch in its transaction. Throws LEASE_LOST where another run has taken over. */
  async record(session: ClientSession, lane: number, position: Position, through_client: boolean): Promise<void> {
    const { batch, after, rows_done } = position;
    const { matchedCount } = await lanesOf(this.store, this.aside).updateOne(
      { _id: lane, claim: this.claims.get(lane)! },
      {
        $set: { batch, rows_done, after: JSON.stringify(idToJson(after)), ...(through_client ? { through_client } : {}) },
      },
      { session },
    );
    if (matchedCount === 0) throw new PolyshiftError('LEASE_LOST', `another run has taken over the work on ${this.aside}`);
  }

  private async forgetUncommitted(): Promise<void> {
    if (this.earlier) return;
    await this.store.db.collection(this.aside).deleteMany(idRange(this.position?.after, undefined), durable);
  }
}

function furthest(lanes: readonly LaneDocument[]): Position | undefined {
  let found: Position | undefined;
  for (const { batch, after, rows_done } of lanes) {
    if (batch === undefined || batch <= (found?.batch ?? -1)) continue;
    found = { batch, after: idFromJson(JSON.parse(after!)), rows_done: rows_done! };
  }
  return found;
}

/** Before a rollback: shuts out transactions that are still open, and leaves only images of what was changed. Nothing where there are no lanes. */
export async function endLanes(store: Store, aside: string): Promise<void> {
  const lane = await lanesOf(store, aside).findOne({});
  if (lane) await Lanes.claim(store, aside);
}

/** Removes the lanes. */
export async function dropLanes(store: Store, aside: string): Promise<void> {
  await dropIfThere(store, nameOf(aside));
}

/** Whether all images were made by the server. */
export async function allByServer(store: Store, aside: string): Promise<boolean> {
  const lanes = await lanesOf(store, aside).find({}).toArray();
  return lanes.length > 0 && !lanes.some((lane) => lane.through_client || lane.earlier);
}
