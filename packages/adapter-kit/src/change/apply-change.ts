import type { JsonObject, JsonValue, PortableDocument, Progress, RunContext } from '@polyshift/core';
import type { FieldEdit, KeyedRow, RawRow, RowKey, RowStore, RowWrite } from '../row-store.ts';
import { contention, maxRounds, refuseFailures } from './contention.ts';
import { holds, type Image, imagesOf, insertedRow, keepImages } from './image.ts';
import { keyList, keyText } from './key-text.ts';
import { rowDifference } from './row-difference.ts';

/** Which rows change, and how. */
export interface RowChange<Raw> {
  readonly collection: string;
  /** The place aside for images: letters, digits and underscores. */
  readonly aside: string;
  /** Rows in a batch. */
  readonly batch_size: number;
  /** The edits of a row; none leave it as it is. Throws CONVERSION_FAILED for a value that cannot be changed. */
  edits(document: PortableDocument, row: RawRow<Raw>): readonly FieldEdit[];
}

/** How far a change is, as journaled. */
interface Checkpoint extends JsonObject {
  done: boolean;
  rows_done: number;
}

/**
 * Changes rows in place, each exactly once, whatever stops it and however often it is started again. The images of a batch are durable before
 * a row is written, and a row is written only where the fields that change are still as they were; one that the application has changed in
 * between is read and computed anew. After a stop the images say of each row whether it was written. Only where the application has
 * written the same fields during the interruption, the row is left as it is, and named.
 */
export async function* applyChange<Raw>(store: RowStore<Raw>, change: RowChange<Raw>, run: RunContext): AsyncGenerator<Progress> {
  const checkpoint = run.checkpoint as (Checkpoint & { after?: JsonValue }) | undefined;
  let rows_done = checkpoint?.rows_done ?? 0;
  if (checkpoint?.done) return yield { rows_done, rows_total: rows_done };
  await store.aside.ensure(change.aside);
  // Images of an earlier attempt can only be there where there are any at all.
  const resumed = (await store.aside.list(change.aside, undefined, 1)).length > 0;
  const rows_total = await store.approximateCount(change.collection);
  for await (const { rows, last } of store.scan(change.collection, {
    batch_size: change.batch_size,
    ...(checkpoint?.after === undefined ? {} : { after: checkpoint.after }),
  })) {
    await run.guard();
    const left = await applyBatch(store, change, rows, resumed, run);
    await run.fault('applied');
    rows_done += rows.length;
    await run.save({ done: false, after: last, rows_done }, rows_done);
    yield {
      rows_done,
      rows_total: rows_total === undefined ? undefined : Math.max(rows_total, rows_done),
      ...(left.length > 0 ? { note: `left as the application has written them during the interruption: ${keyList(left)}` } : {}),
    };
  }
  await run.save({ done: true, rows_done }, rows_done);
}

/** Returns the keys of rows that were left alone because the application has written the same fields. */
async function applyBatch<Raw>(
  store: RowStore<Raw>,
  change: RowChange<Raw>,
  batch: readonly KeyedRow<Raw>[],
  resumed: boolean,
  run: RunContext,
): Promise<RowKey[]> {
  const { codec, aside } = store;
  const left: RowKey[] = [];
  let rows = batch;
  let known = resumed
    ? await imagesOf(
        aside,
        codec,
        change.aside,
        rows.map(({ key }) => key),
      )
    : new Map<string, Image<Raw>>();
  for (let round = 0; rows.length > 0; round++) {
    if (round === maxRounds)
      throw contention(
        change.collection,
        rows.map(({ key }) => key),
      );
    const ready: Image<Raw>[] = [];
    const captured: Image<Raw>[] = [];
    for (const keyed of rows) {
      const image = known.get(keyText(keyed.key));
      if (image && holds(codec, image, keyed.row, 'after')) continue;
      if (image && holds(codec, image, keyed.row, 'before')) ready.push(image);
      // In later rounds the store itself has just said that the row was not written.
      else if (image && round === 0) left.push(keyed.key);
      else {
        const fresh = imageOf(store, change, keyed);
        if (fresh) captured.push(fresh);
      }
    }
    // In later rounds the image that was kept is of a row that was never written like that.
    await keepImages(aside, codec, change.aside, captured, round === 0 ? 'keep' : 'replace');
    if (ready.length + captured.length > 0) await run.fault('captured');
    const images = [...ready, ...captured];
    const missed = await writeImages(store, change.collection, images);
    known = new Map(missed.map((image) => [keyText(image.key), image]));
    rows =
      missed.length === 0
        ? []
        : await store.get(
            change.collection,
            missed.map(({ key }) => key),
          );
  }
  return left;
}

function imageOf<Raw>(store: RowStore<Raw>, change: RowChange<Raw>, { key, row }: KeyedRow<Raw>): Image<Raw> | undefined {
  const edits = change.edits(store.codec.decode(change.collection, row), row);
  if (edits.length === 0) return undefined;
  const fields = rowDifference(store.codec, row, store.codec.edit(change.collection, row, edits));
  return fields.length === 0 ? undefined : { key, inserted: false, fields };
}

/** Writes what images say, where the rows are still as they were before; returns the images of those that are not. */
export async function writeImages<Raw>(
  store: RowStore<Raw>,
  collection: string,
  images: readonly Image<Raw>[],
): Promise<Image<Raw>[]> {
  if (images.length === 0) return [];
  const outcomes = await store.write(
    collection,
    images.map(
      (image): RowWrite<Raw> =>
        image.inserted
          ? { kind: 'insert', key: image.key, row: insertedRow(image) }
          : { kind: 'change', key: image.key, fields: image.fields },
    ),
  );
  refuseFailures(
    collection,
    images.map(({ key }) => key),
    outcomes,
  );
  return images.filter((_image, position) => outcomes[position] === 'differs');
}
