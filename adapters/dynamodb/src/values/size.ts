import type { AttributeValue, Item } from './attribute.ts';
import { hasUnreadable, unreadableName } from './unreadable.ts';

/** Bytes in one item, at most: names and values. */
export const maxItemBytes = 409_600;

/** Levels of lists and maps inside of each other that an attribute may have, its scalar at the bottom counted. */
const maxLevels = 32;

/** What an item measures: bytes as the service counts them, about, and what it has against it. */
export function measureItem(item: Item): { bytes: number; problem: string | undefined } {
  if (hasUnreadable(item)) return { bytes: 0, problem: unreadableName };
  let bytes = 0;
  let levels = 0;
  for (const [name, value] of Object.entries(item)) {
    bytes += Buffer.byteLength(name) + sizeOf(value);
    levels = Math.max(levels, depthOf(value));
  }
  if (bytes > maxItemBytes) return { bytes, problem: `the item has ${bytes} bytes; an item of DynamoDB has 400 KB at most` };
  if (levels > maxLevels) return { bytes, problem: `the item is nested ${levels} levels deep; DynamoDB takes ${maxLevels}` };
  return { bytes, problem: undefined };
}

/** Bytes of a value as the service counts them. */
export function sizeOf(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return numberSize(value.N);
  if (value.B !== undefined) return value.B.byteLength;
  if (value.L !== undefined) return value.L.reduce((sum, each) => sum + 1 + sizeOf(each), 3);
  if (value.M !== undefined)
    return Object.entries(value.M).reduce((sum, [name, each]) => sum + 1 + Buffer.byteLength(name) + sizeOf(each), 3);
  if (value.SS !== undefined) return value.SS.reduce((sum, each) => sum + Buffer.byteLength(each), 0);
  if (value.NS !== undefined) return value.NS.reduce((sum, each) => sum + numberSize(each), 0);
  if (value.BS !== undefined) return value.BS.reduce((sum, each) => sum + each.byteLength, 0);
  return 1;
}

/** One byte for two significant digits, and one more. */
function numberSize(text: string): number {
  const digits = text.replace(/[eE].*$|[-+.]/g, '').replace(/^0+|0+$/g, '');
  return Math.ceil(digits.length / 2) + 1;
}

function depthOf(value: AttributeValue): number {
  if (value.L !== undefined) return 1 + value.L.reduce((most, each) => Math.max(most, depthOf(each)), 0);
  if (value.M !== undefined) return 1 + Object.values(value.M).reduce((most, each) => Math.max(most, depthOf(each)), 0);
  return 1;
}
