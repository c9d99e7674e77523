import type { JsonObject, JsonValue } from '@polyshift/core';
import type { Store } from '../store.ts';
import { buildIndex } from './build-index.ts';
import type { Waiting } from './builds.ts';
import { indexFromJson, indexJson } from './index-definition.ts';
import { findTable } from './table.ts';

/** The indexes of a table by name, for undo records. */
export async function indexesJson(store: Store, table: string): Promise<JsonObject> {
  const found = await findTable(store, table);
  return Object.fromEntries((found?.indexes ?? []).map((index) => [index.name, indexJson(index)]));
}

/** Builds the indexes of an undo record where they are missing. */
export async function buildIndexes(store: Store, table: string, indexes: JsonValue | undefined, run: Waiting): Promise<void> {
  for (const [name, definition] of Object.entries((indexes ?? {}) as Record<string, JsonObject>))
    await buildIndex(store, table, indexFromJson(name, definition), run);
}
