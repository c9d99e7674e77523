import type { Conditions, PortableDocument } from '@polyshift/core';
import { compileConditions } from './conditions/compile-conditions.ts';
import type { RowStore } from './row-store.ts';

const pageSize = 1000;

/** The documents of a collection, a page at a time. */
export async function* documentPages<Raw>(store: RowStore<Raw>, collection: string): AsyncGenerator<PortableDocument[]> {
  for await (const { rows } of store.scan(collection, { batch_size: pageSize }))
    yield rows.map(({ row }) => store.codec.decode(collection, row));
}

/** The exact number of documents that meet the conditions. Reads them all. */
export async function countDocuments<Raw>(store: RowStore<Raw>, collection: string, conditions?: Conditions): Promise<number> {
  const meets = compileConditions(conditions);
  let count = 0;
  for await (const documents of documentPages(store, collection)) count += documents.filter(meets).length;
  return count;
}
