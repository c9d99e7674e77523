import type { Fingerprint, JsonObject, StoreSession } from '@polyshift/core';

/** The whole state of a store as the suite compares it: the fingerprint of each collection, and each template, by name. */
export type StoreState = Readonly<Record<string, Fingerprint | JsonObject>>;

/** Reads the state of a store. */
export async function storeState(session: StoreSession): Promise<StoreState> {
  const schema = await session.introspect();
  const names = Object.keys(schema.collections).sort();
  const state: Record<string, Fingerprint | JsonObject> = {};
  for (const name of names) state[name] = await session.fingerprint(name);
  for (const [name, template] of Object.entries(schema.templates ?? {})) state[`template ${name}`] = template;
  return state;
}
