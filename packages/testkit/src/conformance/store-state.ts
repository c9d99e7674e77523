import type { Fingerprint, StoreSession } from '@polyshift/core';

/** The whole state of a store as the suite compares it: the fingerprint of each collection, by name. */
export type StoreState = Readonly<Record<string, Fingerprint>>;

/** Reads the state of a store. */
export async function storeState(session: StoreSession): Promise<StoreState> {
  const schema = await session.introspect();
  const names = Object.keys(schema.collections).sort();
  const state: Record<string, Fingerprint> = {};
  for (const name of names) state[name] = await session.fingerprint(name);
  return state;
}
