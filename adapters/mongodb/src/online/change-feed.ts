import { type JsonValue, PolyshiftError } from '@polyshift/core';
import type { Document, Long } from 'mongodb';
import { elementsOf, findElement, findPath } from '../bson/element.ts';
import { exactValue } from '../bson/exact-value.ts';
import { fromJson, rawToJson } from '../bson/json.ts';
import { hasCode } from '../errors.ts';
import type { Store } from '../store.ts';
import type { OnlineNames } from './names.ts';
import { hasOwnIds } from './parts.ts';
import { setMark } from './state.ts';

/** What was written to either version since a place in the feed. */
export interface FeedBatch {
  readonly ids: readonly unknown[];
  /** _ids of documents of parts that have _ids of their own, by the place of the part. */
  readonly partIds: ReadonlyMap<number, readonly unknown[]>;
  /** Where to read on once they are in step. */
  readonly token: JsonValue;
  /** Whether everything that was written before the reading began has come by. */
  readonly reachedMark: boolean;
}

/** _ids that one batch gives, about: what is carried over before the place in the feed is kept. */
const batchIds = 2000;

/** How long the server waits for a change, in milliseconds; the mark is on its way already. */
const waitMs = 1000;

/** How long the mark may be on its way, in milliseconds: it comes once most members have it. */
const markMs = 60_000;

/** The server's codes for a place in the feed that it has no more: too old, or not one of this server. */
const lostCodes = [136, 222, 260, 280, 286];

/** Whether an error says that the feed cannot be read on from where it was: then everything has to be compared. */
export function feedIsLost(error: unknown): boolean {
  return hasCode(error, ...lostCodes);
}

/** The place in the feed behind everything that has been written so far. */
export async function feedNow(store: Store, names: OnlineNames): Promise<JsonValue> {
  const cursor = await openFeed(store, names, undefined);
  await closeFeed(store, cursor.id);
  return cursor.token!;
}

/** Reads what was written to both collections since a place, in batches, up to all that was written before the call. */
export async function* readFeed(store: Store, names: OnlineNames, token: JsonValue): AsyncGenerator<FeedBatch> {
  const mark = (await setMark(store, names)).toHexString();
  let { id, batch, token: at } = await openFeed(store, names, token);
  try {
    let ids: unknown[] = [];
    let partIds = new Map<number, unknown[]>();
    let count = 0;
    let reachedMark = false;
    let heardAt = performance.now();
    for (;;) {
      for (const event of batch) {
        const change = changeOf(event, names);
        if (change.mark === mark) reachedMark = true;
        if (change.id === undefined) continue;
        count++;
        if (change.part === undefined) ids.push(change.id);
        else partIds.set(change.part, [...(partIds.get(change.part) ?? []), change.id]);
      }
      if (reachedMark || count >= batchIds) {
        yield { ids, partIds, token: at!, reachedMark };
        if (reachedMark) return;
        [ids, partIds, count] = [[], new Map(), 0];
      }
      if (batch.length > 0) heardAt = performance.now();
      else if (performance.now() - heardAt > markMs) throw silent(names);
      ({ batch, token: at } = await nextBatch(store, id));
    }
  } finally {
    await closeFeed(store, id);
  }
}

function silent({ old }: OnlineNames): PolyshiftError {
  return new PolyshiftError(
    'STORE_BUSY',
    `the change stream of ${old} has not shown a write of polyshift's own for ${markMs / 1000} s`,
    {
      retryable: true,
      hint: 'Most members of the replica set have to be there, and to keep up.',
    },
  );
}

interface FeedCursor {
  readonly id: Long;
  readonly batch: readonly Buffer[];
  readonly token: JsonValue | undefined;
}

async function openFeed(store: Store, names: OnlineNames, token: JsonValue | undefined): Promise<FeedCursor> {
  const parts = names.parts.flatMap(({ collection, ended }) => [collection, ended]);
  const watched = [names.old, names.new, names.endedOld, names.endedNew, names.state, ...parts];
  const reply = await store.db.command(
    {
      aggregate: 1,
      pipeline: [
        { $changeStream: token === undefined ? {} : { resumeAfter: fromJson(token) } },
        { $match: { 'ns.coll': { $in: watched }, operationType: { $in: ['insert', 'update', 'replace', 'delete'] } } },
        { $project: { ns: 1, documentKey: 1, mark: '$updateDescription.updatedFields.mark' } },
      ],
      cursor: { batchSize: token === undefined ? 0 : 1000 },
    },
    { raw: true },
  );
  return { ...cursorOf(reply), id: idOfCursor(reply) };
}

async function nextBatch(store: Store, id: Long): Promise<Omit<FeedCursor, 'id'>> {
  const reply = await store.db.command(
    { getMore: id, collection: '$cmd.aggregate', batchSize: 1000, maxTimeMS: waitMs },
    { raw: true },
  );
  return cursorOf(reply);
}

async function closeFeed(store: Store, id: Long): Promise<void> {
  await store.db.command({ killCursors: '$cmd.aggregate', cursors: [id] }).catch(() => undefined);
}

function idOfCursor(reply: Document): Long {
  const cursor = reply['cursor'] as Buffer;
  const element = findElement(cursor, 'id')!;
  return exactValue(cursor, element.type, element.value) as Long;
}

/** The events of a reply, and the place behind them. */
function cursorOf(reply: Document): Omit<FeedCursor, 'id'> {
  const cursor = reply['cursor'] as Buffer;
  const list = findElement(cursor, 'firstBatch') ?? findElement(cursor, 'nextBatch')!;
  const batch = elementsOf(cursor, list.value).map(({ value, end }) => cursor.subarray(value, end));
  const place = findElement(cursor, 'postBatchResumeToken');
  const last = batch.at(-1);
  const own = last && findElement(last, '_id');
  const token = place ? rawToJson(cursor, place.type, place.value) : own && rawToJson(last, own.type, own.value);
  return { batch, token };
}

/** The _id that an event is about, with the part that has it where that has _ids of its own; or the mark that it brings. */
function changeOf(event: Buffer, names: OnlineNames): { id?: unknown; part?: number; mark?: string } {
  const found = findPath(event, ['ns', 'coll'])!;
  const collection = exactValue(event, found.type, found.value);
  if (collection === names.state) {
    const mark = findElement(event, 'mark');
    return mark ? { mark: String(exactValue(event, mark.type, mark.value)) } : {};
  }
  const element = findPath(event, ['documentKey', '_id']);
  if (!element) return {};
  const id = exactValue(event, element.type, element.value);
  const part = names.parts.findIndex((each) => hasOwnIds(each) && (each.collection === collection || each.ended === collection));
  return part < 0 ? { id } : { id, part };
}
