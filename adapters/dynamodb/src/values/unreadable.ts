import { PolyshiftError } from '@polyshift/core';
import type { Item } from './attribute.ts';

/** The one name under which the AWS SDK writes an attribute of an item, and then reads none. */
const name = '__proto__';

/** What is wrong with an attribute of that name, for people. */
export const unreadableName = `an attribute called ${name} is lost by the AWS SDK when it is read`;

/** Throws CONVERSION_FAILED where the SDK has lost an attribute: what is built on that would not be the whole item. */
export function refuseLost(item: Item): void {
  if (hasUnreadable(item)) throw new PolyshiftError('CONVERSION_FAILED', unreadableName);
}

/** Whether an item has an attribute that cannot be read back. Inside of maps the name is as good as any other. */
export function hasUnreadable(item: Item): boolean {
  return Object.hasOwn(item, name);
}
