import { createHash } from 'node:crypto';
import { type Fingerprint, SetDigest, stableJson } from '@polyshift/core';
import { scanSegments } from './rows/scan-segments.ts';
import type { Store } from './store.ts';
import { readTable } from './tables/describe.ts';
import { validationStore } from './validation.ts';
import { itemText } from './values/attribute.ts';

/** Items in a page; the service ends one at 1 MB anyway. */
const pageSize = 10_000;

/** See `StoreSession.fingerprint`: the whole definition of the table, its validation schema, and every item with the types of its values. */
export async function fingerprint(store: Store, name: string): Promise<Fingerprint> {
  const digest = new SetDigest();
  const [table, validation] = await Promise.all([readTable(store, name), validationStore(store).read(name)]);
  if (table === undefined) return { schema: 'absent', content: digest.sum, count: 0 };
  for await (const { rows } of scanSegments(store, name, { batch_size: pageSize })) {
    for (const { row } of rows) digest.add(itemText(Object.fromEntries(row)));
  }
  const schema = stableJson({ ...table.definition, validation });
  return { schema: createHash('sha256').update(schema).digest('hex'), content: digest.sum, count: digest.count };
}
