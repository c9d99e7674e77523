import type { Progress, RunContext } from '@polyshift/core';
import { BSON, type Document } from 'mongodb';
import { sameValue } from '../bson/build-document.ts';
import { elementsOf, findElement, findPath } from '../bson/element.ts';
import { idKey, idList, idOf } from '../bson/id.ts';
import { hasValidator } from '../preconditions.ts';
import { durable, raw, type Store } from '../store.ts';

const batchSize = 1000;

/**
 * Takes a field away from the documents that it was given to, with the parents that were created for it, unless the application has put
 * something there since: a value that is not the default any more stays, and is named. The server compares once more as it writes.
 */
export async function* removeDefaults(
  store: Store,
  collection: string,
  aside: string,
  path: readonly string[],
  value: unknown,
  run: RunContext,
): AsyncGenerator<Progress> {
  const records = store.db.collection(aside);
  const rows_total = await records.estimatedDocumentCount().catch(() => 0);
  const expected = path.map((_part, index) => nested(path.slice(index + 1), value));
  const bypass = (await hasValidator(store, collection)) ? { bypassDocumentValidation: true } : {};
  const cursor = records.find({}, { ...raw, batchSize });
  let rows_done = 0;
  try {
    while (await cursor.hasNext()) {
      const batch = cursor.readBufferedDocuments(batchSize) as unknown as Buffer[];
      await run.guard();
      const kept = await removeBatch(store, collection, path, expected, batch, bypass);
      await run.fault('restored');
      rows_done += batch.length;
      yield {
        rows_done,
        rows_total: Math.max(rows_done, rows_total),
        ...(kept.length > 0
          ? { note: `${kept.length} documents keep what was written into ${path.join('.')} since: ${idList(kept)}` }
          : {}),
      };
    }
  } finally {
    await cursor.close();
  }
}

/** A document `{v: ...}` whose value is what was set at a part of the path. */
function nested(rest: readonly string[], value: unknown): { bytes: Buffer; value: unknown } {
  const inner = rest.reduceRight<unknown>((each, name) => new Map([[name, each]]), value);
  return { bytes: Buffer.from(BSON.serialize({ v: inner } as Document)), value: inner };
}

async function removeBatch(
  store: Store,
  collection: string,
  path: readonly string[],
  expected: readonly { bytes: Buffer; value: unknown }[],
  records: readonly Buffer[],
  bypass: object,
): Promise<unknown[]> {
  const created = new Map(records.map((record) => [idKey(record), record.readInt32LE(findElement(record, 'created')!.value)]));
  const found = (await store.db
    .collection(collection)
    .find({ _id: { $in: records.map(idOf) } } as Document, { ...raw, batchSize: 100_000, projection: { _id: 1, [path[0]!]: 1 } })
    .toArray()) as unknown as Buffer[];
  const kept: unknown[] = [];
  /** By the number of parts of the path that go. */
  const unset = new Map<number, unknown[]>();
  for (const document of found) {
    const whole = created.get(idKey(document))!;
    const length = [whole, path.length].find((each) => holds(document, path.slice(0, each), expected[each - 1]!.bytes));
    if (length !== undefined) {
      const ids = unset.get(length);
      if (ids) ids.push(idOf(document));
      else unset.set(length, [idOf(document)]);
    }
    if (length === undefined && findPath(document, path)) kept.push(idOf(document));
  }
  for (const [length, ids] of unset) {
    const part = path.slice(0, length).join('.');
    await store.db
      .collection(collection)
      .updateMany(
        { _id: { $in: ids }, [part]: { $eq: expected[length - 1]!.value } } as Document,
        { $unset: { [part]: '' } },
        { ...durable, ...bypass },
      );
  }
  return kept;
}

/** Whether the value at the path is the expected one, byte for byte. */
function holds(document: Buffer, path: readonly string[], expected: Buffer): boolean {
  const element = findPath(document, path);
  return element !== undefined && sameValue(document, element, expected, elementsOf(expected)[0]!);
}
