import { type Check, checkThat, warn } from '@polyshift/core';
import type { RowKey, RowStore } from '../row-store.ts';
import { holds, imagePages } from './image.ts';
import { keyList, keyText } from './key-text.ts';

/** Proves that every row whose image is kept holds the change; what the application has written since is named. */
export async function verifyImages<Raw>(store: RowStore<Raw>, collection: string, aside: string): Promise<Check[]> {
  let changed = 0;
  const unchanged: RowKey[] = [];
  const written: RowKey[] = [];
  for await (const images of imagePages(store.aside, store.codec, aside)) {
    const rows = await store.get(
      collection,
      images.map(({ key }) => key),
    );
    const current = new Map(rows.map((keyed) => [keyText(keyed.key), keyed.row]));
    for (const image of images) {
      const row = current.get(keyText(image.key));
      if (row && holds(store.codec, image, row, 'after')) changed++;
      else if (row && holds(store.codec, image, row, 'before')) unchanged.push(image.key);
      else written.push(image.key);
    }
  }
  const checks = [
    checkThat(
      unchanged.length === 0,
      'rows_changed',
      {
        pass: `${changed} rows of ${collection} hold the change`,
        fail: `${unchanged.length} rows of ${collection} are as they were before: ${keyList(unchanged)}`,
        action: 'Run again; if it stays so, the application writes old rows back.',
      },
      { changed, unchanged: unchanged.length },
    ),
  ];
  if (written.length > 0) {
    checks.push(
      warn(
        'written_since',
        `${written.length} rows of ${collection} were written or deleted by the application since: ${keyList(written)}`,
        'Nothing to do: what was written belongs to the application.',
      ),
    );
  }
  return checks;
}
