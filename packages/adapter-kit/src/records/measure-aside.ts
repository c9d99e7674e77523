import { type JsonValue, type KeptAside, keptSum } from '@polyshift/core';
import { rowText } from '../change/content.ts';
import type { AsideStore, RowStore } from '../row-store.ts';

/** Entries or rows that are read at once. */
const pageSize = 1000;

/**
 * What the kit's handlers and sink keep for one step or load, for `StoreSession.keptAside`, by reading all of it: the size is that of the rows and
 * images as JSON.
 *
 * @param aside the name of the step or load
 * @param kept the collection that holds the rows of a dropped one (`CollectionMover.keptName`), where it is there
 */
export async function keptByKit<Raw>(store: RowStore<Raw>, aside: string, kept?: string): Promise<KeptAside> {
  const places = [`aside_${aside}`, `load_${aside}`, `online_${aside}`].map((place) => measureAside(store.aside, place));
  return keptSum(await Promise.all(kept === undefined ? places : [...places, measureRows(store, kept)]));
}

/** The collection that holds the rows of a dropped one for a step, where the names of the store allow it (`CollectionMover.keptName`). */
export function keptName(aside: string): string {
  return `polyshift_kept_${aside}`;
}

/** What a place aside keeps, by reading all of it; of an entry its key and the JSON of its value count. */
async function measureAside(aside: AsideStore, name: string): Promise<KeptAside> {
  let rows = 0;
  let bytes = 0;
  let after: string | undefined;
  for (;;) {
    const entries = await aside.list(name, after, pageSize);
    for (const { key, value } of entries) {
      if (!isAboutRow(value)) continue;
      rows++;
      bytes += Buffer.byteLength(key) + Buffer.byteLength(JSON.stringify(value));
    }
    if (entries.length < pageSize) return { rows, bytes };
    after = entries.at(-1)!.key;
  }
}

/** What a collection that is kept aside holds, by reading all of it; of a row its raw values as JSON count. */
async function measureRows<Raw>(store: RowStore<Raw>, collection: string): Promise<KeptAside> {
  let rows = 0;
  let bytes = 0;
  for await (const batch of store.scan(collection, { batch_size: pageSize })) {
    rows += batch.rows.length;
    for (const { row } of batch.rows) bytes += Buffer.byteLength(rowText(store.codec, row));
  }
  return { rows, bytes };
}

/** How the places aside of the kit and of adapters begin, before the name of the step or load. */
const purposes = ['aside_', 'load_', 'online_', 'rebuild_', 'swap_', 'script_'] as const;

/** The places of which none belongs to one of the known steps and loads, for `StoreSession.strayAside`. */
export function strayPlaces(places: readonly string[], known: readonly string[]): string[] {
  const own = new Set(known.flatMap((aside) => purposes.map((purpose) => `${purpose}${aside}`)));
  return places.filter((place) => !own.has(place)).sort();
}

/** What is kept of a row names its key; everything else is a note of how far a step is. */
function isAboutRow(value: JsonValue): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, 'key');
}
