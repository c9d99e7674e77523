import type { JsonObject } from '@polyshift/core';
import type { AsideStore, RowKey } from '../row-store.ts';
import type { Refusal, Side } from './online-store.ts';

/**
 * How far an online change is: `making` while it builds the new version, which nobody knows of yet; `contracting` when the old one is no longer in use.
 */
export type Phase = 'making' | 'copying' | 'both' | 'taking_back' | 'contracting';

/** A write that the other version has refused, for people. */
export interface RefusedWrite extends Refusal {
  readonly key: RowKey;
}

/** What the last pass over both versions could not carry over. */
export interface Refusals {
  readonly count: number;
  /** How many of them each version alone has; those that contradict each other count on both. */
  readonly of: Readonly<Record<Side, number>>;
  readonly examples: readonly RefusedWrite[];
}

/** The record that says how far an online change is. */
export interface OnlineState {
  readonly phase: Phase;
  /** The identities of both collections: one that was dropped and made anew is another one, whose missing rows nobody has deleted. */
  readonly identity?: { readonly old: string; readonly new: string };
  /** The operation that is at work on the empty new version, with what its handler needs to clear up. */
  readonly inner?: { readonly operation: JsonObject; readonly undo: JsonObject };
  readonly refused?: Refusals;
}

const stateKey = '!state';

/** Reads it; undefined before the first attempt, and after the end of all. */
export async function readState(aside: AsideStore, place: string): Promise<OnlineState | undefined> {
  return (await aside.get(place, [stateKey])).get(stateKey) as unknown as OnlineState | undefined;
}

/** Writes it. */
export async function writeState(aside: AsideStore, place: string, state: OnlineState): Promise<void> {
  await aside.ensure(place);
  await aside.put(place, [{ key: stateKey, value: JSON.parse(JSON.stringify(state)) as JsonObject }], 'replace');
}
