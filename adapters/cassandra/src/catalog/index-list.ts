import { type Check, checkThat, type JsonObject, type JsonValue } from '@polyshift/core';
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

/** Proves that a table has the indexes of an undo record. */
export async function indexesBuilt(store: Store, table: string, indexes: JsonValue | undefined): Promise<Check> {
  const found = (await findTable(store, table))?.indexes ?? [];
  const missing = Object.keys((indexes ?? {}) as JsonObject).filter((name) => !found.some((each) => each.name === name));
  return checkThat(missing.length === 0, 'indexes_built', {
    pass: `${table} has all indexes that it had`,
    fail: `${table} lacks indexes that it had: ${missing.join(', ')}`,
    action: 'Make them again by create_index where they are needed.',
  });
}
