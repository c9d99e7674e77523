/**
 * -1, 0 or 1 by the order of code points, which is that of UTF-8 bytes: the order of MongoDB, and of SQL under the collation C. JavaScript's own
 * order by UTF-16 units puts emoji before U+E000.
 */
export function compareTexts(left: string, right: string): number {
  if (left === right) return 0;
  const length = Math.min(left.length, right.length);
  let index = 0;
  while (index < length && left.charCodeAt(index) === right.charCodeAt(index)) index++;
  if (index === length) return left.length < right.length ? -1 : 1;
  // Where the units before were the first half of a pair, the code point begins there.
  if (index > 0 && isHighSurrogate(left.charCodeAt(index - 1))) index--;
  return left.codePointAt(index)! < right.codePointAt(index)! ? -1 : 1;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
