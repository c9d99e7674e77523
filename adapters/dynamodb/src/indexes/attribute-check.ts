import { keyList, type RowKey } from '@polyshift/adapter-kit';
import { type Check, checkThat, ownValue } from '@polyshift/core';
import { filteredPages } from '../rows/filtered-scan.ts';
import { keyOfItem, keyProblem } from '../rows/key.ts';
import type { Store } from '../store.ts';
import type { IndexDefinition } from '../tables/definition.ts';
import { keyOfTable } from '../tables/describe.ts';

/** Items looked at in one page. */
const pageSize = 1000;

/**
 * The check that no item has a value in the attributes of an index that the index cannot take: the service would leave the item out of it, and from
 * then on refuse every write of the item. Items without the attribute are not in the index, which is no error.
 */
export async function attributesFit(store: Store, collection: string, index: IndexDefinition): Promise<Check> {
  const own = await keyOfTable(store, collection);
  const parts = index.key.filter(({ field }) => !own.some((each) => each.field === field));
  const wrong: RowKey[] = [];
  let count = 0;
  const fields = parts.map(({ field }) => field);
  for await (const items of filteredPages(store, { collection, fields }, { segment: 0, total: 1 }, pageSize)) {
    for (const item of items) {
      const fits = parts.every((part) => {
        const value = ownValue(item, part.field);
        return value === undefined || keyProblem(part, value) === undefined;
      });
      if (fits) continue;
      if (count++ < 6) wrong.push(keyOfItem(own, item));
    }
  }
  const named = parts.map(({ field, type }) => `${field} of type ${type}`).join(', ');
  return checkThat(
    count === 0,
    'index_attributes',
    {
      pass: `every item that has ${named || 'the key'} can be in the index`,
      fail: `${count} items have another value than ${named}, which is not empty: ${keyList(wrong)}`,
      action: 'Take the attribute away from those items by migrate_data with $unset, or convert it by change_type.',
    },
    { count },
  );
}
