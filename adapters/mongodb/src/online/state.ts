import type { JsonObject, JsonValue } from '@polyshift/core';
import { ObjectId } from 'mongodb';
import { collectionOf, durable, exact, type Store } from '../store.ts';
import type { OnlineNames } from './names.ts';

/** How far an online change is: `making` while it builds the new version, which nobody knows of yet; `ended` when one version has gone. */
export type Phase = 'making' | 'copying' | 'both' | 'taking_back' | 'contracting' | 'ended';

/** The document that says how far an online change is. */
export interface OnlineState {
  readonly phase: Phase;
  /** The identities of both collections, where the server tells: a collection dropped and made anew is another one, whose missing documents nobody has deleted. */
  readonly old_uuid?: string;
  readonly new_uuid?: string;
  /** The same of the collections of splits and merges, in their order; empty where the server does not tell. */
  readonly part_uuids?: readonly string[];
  /** What the operations on the new version's indexes and options have found, for their proof. */
  readonly found?: readonly JsonObject[];
  /** Where to read on in the feed of changes, as canonical Extended JSON; missing where the server has none. */
  readonly token?: JsonValue;
}

const stateId = 'state' as never;

/** Reads it; undefined before the first attempt, and after the end of all. */
export async function readState(store: Store, names: Pick<OnlineNames, 'state'>): Promise<OnlineState | undefined> {
  const found = await collectionOf(store, names.state).findOne({ _id: stateId }, { projection: { text: 1 } });
  return found ? (JSON.parse(String(found['text'])) as OnlineState) : undefined;
}

/** Changes it, or makes it. */
export async function changeState(
  store: Store,
  names: Pick<OnlineNames, 'state'>,
  change: Partial<OnlineState>,
): Promise<OnlineState> {
  const state = { phase: 'making', ...(await readState(store, names)), ...change } as OnlineState;
  await collectionOf(store, names.state).updateOne(
    { _id: stateId },
    { $set: { text: JSON.stringify(state) } },
    { upsert: true, ...durable },
  );
  return state;
}

/** Writes a mark that comes by in the feed of changes behind all that was written before it. */
export async function setMark(store: Store, names: Pick<OnlineNames, 'state'>): Promise<ObjectId> {
  const mark = new ObjectId();
  await collectionOf(store, names.state).updateOne({ _id: stateId }, { $set: { mark } }, { upsert: true, ...durable });
  return mark;
}

/** The identity of a collection; undefined where it does not exist, an empty text where the server does not tell. */
export async function identityOf(store: Store, name: string): Promise<string | undefined> {
  const [found] = await store.db.listCollections({ name }, exact).toArray();
  if (!found) return undefined;
  const uuid = (found as { info?: { uuid?: { toString(encoding: string): string } } }).info?.uuid;
  return uuid ? uuid.toString('hex') : '';
}
