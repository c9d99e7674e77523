import { type Check, checkThat, pass, warn } from '@polyshift/core';
import { idOfDocument } from '../bson/exact-value.ts';
import { idKey, idList } from '../bson/id.ts';
import type { Store } from '../store.ts';
import { currentDocuments } from './replace.ts';
import { imageBatches } from './restore.ts';

/** Proves that every document whose image is kept holds the change; what the application has written since is named. */
export async function verifyImages(store: Store, collection: string, aside: string): Promise<Check[]> {
  let changed = 0;
  const unchanged: unknown[] = [];
  const written: unknown[] = [];
  for await (const images of imageBatches(store, aside)) {
    const current = await currentDocuments(store, collection, images);
    for (const { before, after } of images) {
      const found = current.get(idKey(before ?? after));
      if (found?.equals(after)) changed++;
      else if (before && found?.equals(before)) unchanged.push(idOfDocument(before));
      else written.push(idOfDocument(before ?? after));
    }
  }
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
