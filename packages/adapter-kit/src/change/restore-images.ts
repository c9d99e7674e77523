import type { Progress, RunContext } from '@polyshift/core';
import type { FieldChange, KeyedRow, RowKey, RowStore, RowWrite } from '../row-store.ts';
import { contention, maxRounds, refuseFailures } from './contention.ts';
import { holds, type Image, imagePages, insertedRow } from './image.ts';
import { keyList, keyText } from './key-text.ts';
import { fieldIs } from './row-difference.ts';

/** The write that takes an image back from a row as it is now; undefined where there is nothing to take back. */
interface WayBack<Raw> {
  readonly write: RowWrite<Raw> | undefined;
  /** Whether the row holds something that was written since. */
  readonly writtenSince: boolean;
}

/**
 * Takes a change back from the images kept aside: each field that still holds what the change gave it gets back what it had; a field that the
 * application has written since keeps that write, and the row is named. A row that the change inserted is deleted again while nobody has
 * touched it. What the application has deleted stays deleted. Idempotent, so it needs no checkpoint.
 */
export async function* restoreImages<Raw>(
  store: RowStore<Raw>,
  collection: string,
  aside: string,
  run: RunContext,
): AsyncGenerator<Progress> {
  let rows_done = 0;
  for await (const images of imagePages(store.aside, store.codec, aside)) {
    await run.guard();
    const written = await restorePage(store, collection, images);
    await run.fault('restored');
    rows_done += images.length;
    yield {
      rows_done,
      ...(written.length > 0
        ? { note: `${written.length} rows keep what was written into them since: ${keyList(written)}` }
        : {}),
    };
  }
}

async function restorePage<Raw>(store: RowStore<Raw>, collection: string, images: readonly Image<Raw>[]): Promise<RowKey[]> {
  const writtenSince = new Map<string, RowKey>();
  let open = images;
  for (let round = 0; open.length > 0; round++) {
    const keys = open.map(({ key }) => key);
    if (round === maxRounds) throw contention(collection, keys);
    const current = new Map((await store.get(collection, keys)).map((keyed) => [keyText(keyed.key), keyed]));
    const writes: RowWrite<Raw>[] = [];
    const sources: Image<Raw>[] = [];
    for (const image of open) {
      const found = current.get(keyText(image.key));
      if (!found) continue;
      const back = wayBack(store, image, found);
      if (back.writtenSince) writtenSince.set(keyText(image.key), image.key);
      if (!back.write) continue;
      writes.push(back.write);
      sources.push(image);
    }
    if (writes.length === 0) break;
    const outcomes = await store.write(collection, writes);
    refuseFailures(
      collection,
      writes.map(({ key }) => key),
      outcomes,
    );
    open = sources.filter((_image, position) => outcomes[position] === 'differs');
  }
  return [...writtenSince.values()];
}

function wayBack<Raw>({ codec }: RowStore<Raw>, image: Image<Raw>, { key, row }: KeyedRow<Raw>): WayBack<Raw> {
  if (image.inserted) {
    return holds(codec, image, row, 'after')
      ? { write: { kind: 'remove', key, row: insertedRow(image) }, writtenSince: false }
      : { write: undefined, writtenSince: true };
  }
  const fields: FieldChange<Raw>[] = [];
  let writtenSince = false;
  for (const { field, before, after } of image.fields) {
    if (fieldIs(codec, row, field, after)) fields.push({ field, before: after, after: before });
    else if (!fieldIs(codec, row, field, before)) writtenSince = true;
  }
  return { write: fields.length === 0 ? undefined : { kind: 'change', key, fields }, writtenSince };
}
