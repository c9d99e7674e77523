import { type LoadUndo, PolyshiftError, type Progress } from '@polyshift/core';
import { idKey, idList, idOf } from './bson/id.ts';
import { type Replacement, replaceUnchanged } from './change/replace.ts';
import { hasValidator } from './preconditions.ts';
import { beforeOf, binaryField, documentHash } from './sink-filled.ts';
import { asideCollection, collectionOf, dropIfThere, durable, raw, type Store } from './store.ts';

const batchSize = 1000;

/** Takes a load back: drops what it created, empties what was empty, and puts documents back one by one where there were others. */
export async function* rollbackLoad(store: Store, undo: LoadUndo, loaded: number): AsyncGenerator<Progress> {
  if (undo.before === 'filled') return yield* rollbackFilled(store, undo);
  const count = await collectionOf(store, undo.collection).countDocuments({});
  if (count > loaded) {
    throw new PolyshiftError('WRITTEN_SINCE', `${undo.collection} holds ${count} documents, of which this load wrote ${loaded}`, {
      hint: 'Move the other documents elsewhere first, or keep the collection.',
      data: { collection: undo.collection, count, loaded },
    });
  }
  if (undo.before === 'absent') await dropIfThere(store, undo.collection);
  else await collectionOf(store, undo.collection).deleteMany({}, durable);
  yield { rows_done: count, rows_total: count };
}

async function* rollbackFilled(store: Store, undo: LoadUndo): AsyncGenerator<Progress> {
  const foreign: unknown[] = [];
  let total = 0;
  for await (const batch of recordsOf(store, undo)) {
    total += batch.length;
    for (const { record, current } of batch) if (isForeign(record, current)) foreign.push(idOf(record));
  }
  if (foreign.length > 0) {
    throw new PolyshiftError(
      'WRITTEN_SINCE',
      `${foreign.length} documents of ${undo.collection} were written since they were loaded: ${idList(foreign)}`,
      {
        hint: 'Nothing was rolled back. Keep those documents elsewhere first.',
        data: { collection: undo.collection, count: foreign.length },
      },
    );
  }
  const bypass = await hasValidator(store, undo.collection);
  let rows_done = 0;
  for await (const batch of recordsOf(store, undo)) {
    const replacements: Replacement[] = batch.flatMap(({ record, current }) => {
      const before = beforeOf(record);
      return current && !(before && current.equals(before)) ? [{ before: current, after: before }] : [];
    });
    const missed = await replaceUnchanged(store, undo.collection, replacements, { bypass });
    if (missed.length > 0)
      throw new PolyshiftError('STORE_BUSY', 'the application writes the same documents at this moment', { retryable: true });
    rows_done += batch.length;
    yield { rows_done, rows_total: total };
  }
}

/** Neither what the load wrote nor what was there before it. A document that the application has deleted stays deleted. */
function isForeign(record: Buffer, current: Buffer | undefined): boolean {
  if (!current) return false;
  const before = beforeOf(record);
  return !documentHash(current).equals(binaryField(record, 'written')!) && !(before && current.equals(before));
}

async function* recordsOf(store: Store, undo: LoadUndo): AsyncGenerator<{ record: Buffer; current: Buffer | undefined }[]> {
  const cursor = collectionOf(store, asideCollection(undo.aside)).find({}, { ...raw, batchSize });
  try {
    while (await cursor.hasNext()) {
      const records = cursor.readBufferedDocuments() as unknown as Buffer[];
      const ids = records.map(idOf);
      const found = (await collectionOf(store, undo.collection)
        .find({ _id: { $in: ids } } as never, { ...raw, batchSize: 100_000 })
        .toArray()) as unknown as Buffer[];
      const byKey = new Map(found.map((document) => [idKey(document), document]));
      yield records.map((record) => ({ record, current: byKey.get(idKey(record)) }));
    }
  } finally {
    await cursor.close();
  }
}
