import { ownValue } from '@polyshift/core';
import { filteredPages } from '../rows/filtered-scan.ts';
import type { Store } from '../store.ts';
import type { KeyType, TableDefinition } from '../tables/definition.ts';

/** Items that are looked at to tell the type of an attribute. */
const sampleSize = 100;

/** The type that an attribute has in keys of the table, else in the first items that have it; undefined where nothing shows it. */
export async function attributeType(
  store: Store,
  collection: string,
  definition: TableDefinition,
  field: string,
): Promise<KeyType | undefined> {
  const keys = [definition.key, ...definition.indexes.map(({ key }) => key)].flat();
  const known = keys.find((part) => part.field === field);
  if (known) return known.type;
  for await (const items of filteredPages(store, { collection, fields: [field] }, { segment: 0, total: 1 }, sampleSize)) {
    for (const item of items) {
      const type = (['S', 'N', 'B'] as const).find((each) => ownValue(item, field)?.[each] !== undefined);
      if (type) return type;
    }
    return undefined;
  }
  return undefined;
}
