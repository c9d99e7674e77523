import type { RawRow } from '@polyshift/adapter-kit';
import type { AttributeValue, Item } from '../values/attribute.ts';
import { refuseLost } from '../values/unreadable.ts';

/** An item as a row. Throws CONVERSION_FAILED where the driver has lost an attribute of it. */
export function rawRow(item: Item): RawRow<AttributeValue> {
  refuseLost(item);
  return new Map(Object.entries(item));
}
