import { PolyshiftError, type PortableDocument, type RunContext } from '@polyshift/core';
import type { KeyedRow, RowKey, RowStore } from '../row-store.ts';
import { writeImages } from './apply-change.ts';
import { contention, maxRounds } from './contention.ts';
import { holds, type Image, imagesOf, insertion, keepImages } from './image.ts';
import { keyList, keyText } from './key-text.ts';
import { rowDifference } from './row-difference.ts';

/** A row to be put into a collection. */
export interface IncomingRow<Raw> extends KeyedRow<Raw> {
  /** The fields that it gives, for rows that exist. */
  readonly document: PortableDocument;
  /** Names the row, the same at each attempt. */
  readonly tag: string;
}

/** Where rows go, and what happens to one whose key exists. */
export interface RowsTarget {
  readonly collection: string;
  /** The place aside for images. */
  readonly aside: string;
  /** `insert` fails, `upsert` replaces the fields given, `ignore` leaves the row. */
  readonly mode: 'insert' | 'upsert' | 'ignore';
}

/**
 * Puts a batch of rows into a collection, each exactly once, with images aside before it. Two rows for one key are refused, unless
 * the mode is `ignore`. To be called again with the same batch after a stop.
 *
 * @throws PolyshiftError DUPLICATE_KEY
 */
export async function applyRows<Raw>(
  store: RowStore<Raw>,
  target: RowsTarget,
  rows: readonly IncomingRow<Raw>[],
  run: RunContext,
): Promise<void> {
  const { codec, aside } = store;
  let open = rows;
  for (let round = 0; open.length > 0; round++) {
    const keys = open.map(({ key }) => key);
    if (round === maxRounds) throw contention(target.collection, keys);
    const [found, known] = await Promise.all([store.get(target.collection, keys), imagesOf(aside, codec, target.aside, keys)]);
    const current = new Map(found.map((keyed) => [keyText(keyed.key), keyed]));
    const plan = planRows(store, target, open, current, known);
    await keepImages(aside, codec, target.aside, plan.captured, 'replace');
    if (plan.captured.length > 0) await run.fault('captured');
    const missed = await writeImages(store, target.collection, [...plan.ready, ...plan.captured]);
    // The image of what was not written must not stay: the next round makes it anew from what is there then.
    if (missed.length > 0)
      await aside.delete(
        target.aside,
        missed.map(({ key }) => keyText(key)),
      );
    const tags = new Set(missed.map((image) => image.tag));
    open = open.filter((row) => tags.has(row.tag));
  }
}

function planRows<Raw>(
  { codec }: RowStore<Raw>,
  target: RowsTarget,
  rows: readonly IncomingRow<Raw>[],
  current: ReadonlyMap<string, KeyedRow<Raw>>,
  known: ReadonlyMap<string, Image<Raw>>,
): { ready: Image<Raw>[]; captured: Image<Raw>[] } {
  const ready: Image<Raw>[] = [];
  const captured: Image<Raw>[] = [];
  const seen = new Set<string>();
  for (const incoming of rows) {
    const text = keyText(incoming.key);
    const image = known.get(text);
    const existing = current.get(text);
    const taken = seen.has(text) || (image !== undefined && image.tag !== incoming.tag);
    seen.add(text);
    if (taken) {
      if (target.mode === 'ignore') continue;
      throw duplicate(target.collection, incoming.key, 'two rows have the same key');
    }
    if (image) {
      // Kept by an earlier attempt: written then, or to be written where everything is still as it was.
      const waits = existing ? holds(codec, image, existing.row, 'before') : image.inserted;
      if (waits) ready.push(image);
      continue;
    }
    if (!existing) captured.push(insertion(incoming, incoming.tag));
    else if (target.mode === 'insert')
      throw duplicate(target.collection, incoming.key, 'there is a row with the key of a new one');
    else if (target.mode === 'upsert') {
      const edits = [...incoming.document].map(([field, value]) => ({ kind: 'set', field, value }) as const);
      const fields = rowDifference(codec, existing.row, codec.edit(target.collection, existing.row, edits));
      if (fields.length > 0) captured.push({ key: existing.key, inserted: false, fields, tag: incoming.tag });
    }
  }
  return { ready, captured };
}

function duplicate(collection: string, key: RowKey, what: string): PolyshiftError {
  return new PolyshiftError('DUPLICATE_KEY', `${collection}: ${what}: ${keyList([key])}`);
}
