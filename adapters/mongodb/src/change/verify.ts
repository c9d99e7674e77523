import { type Check, checkThat, pass, warn } from '@polyshift/core';
import { idOfDocument } from '../bson/exact-value.ts';
import { idKey, idList } from '../bson/id.ts';
import type { Store } from '../store.ts';
import { compareRanges } from './compare-ranges.ts';
import type { Image } from './image.ts';
import { allByServer } from './lanes.ts';
import { currentDocuments } from './replace.ts';
import { imageBatches } from './restore.ts';

/** Proves that every document whose image is kept holds the change; what the application has written since is named. */
export async function verifyImages(store: Store, collection: string, aside: string): Promise<Check[]> {
  const found: Found = { changed: 0, unchanged: [], written: [] };
  if (store.features.transactions && (await allByServer(store, aside))) {
    for await (const { equal, differing } of compareRanges(store, collection, aside)) {
      found.changed += equal;
      await compare(store, collection, differing, found);
    }
  } else {
    for await (const images of imageBatches(store, aside)) await compare(store, collection, images, found);
  }
  const { changed, unchanged, written } = found;
  const checks = [
    checkThat(
      unchanged.length === 0,
      'documents_changed',
      {
        pass: `${changed} documents of ${collection} hold the change`,
        fail: `${unchanged.length} documents of ${collection} are as they were before: ${idList(unchanged)}`,
        action: 'Run again; if it stays so, the application writes old documents back.',
      },
      { changed, unchanged: unchanged.length },
    ),
  ];
  if (written.length > 0) {
    checks.push(
      warn(
        'written_since',
        `${written.length} documents of ${collection} were written or deleted by the application since: ${idList(written)}`,
        'Nothing to do: their other fields belong to the application.',
      ),
    );
  }
  return checks;
}

interface Found {
  changed: number;
  readonly unchanged: unknown[];
  readonly written: unknown[];
}

async function compare(store: Store, collection: string, images: readonly Image[], result: Found): Promise<void> {
  if (images.length === 0) return;
  const current = await currentDocuments(store, collection, images);
  for (const { before, after } of images) {
    const found = current.get(idKey(before ?? after));
    if (found?.equals(after)) result.changed++;
    else if (before && found?.equals(before)) result.unchanged.push(idOfDocument(before));
    else result.written.push(idOfDocument(before ?? after));
  }
}

/** The check that no document is left that meets a filter. */
export async function noneLeft(store: Store, collection: string, check: string, filter: object, what: string): Promise<Check> {
  const left = await store.db.collection(collection).countDocuments(filter);
  return left === 0
    ? pass(check, `no document of ${collection} ${what}`)
    : checkThat(
        false,
        check,
        {
          pass: '',
          fail: `${left} documents of ${collection} ${what}`,
          action: 'The application writes the old form: deploy the new one first, then run again.',
        },
        { count: left },
      );
}
