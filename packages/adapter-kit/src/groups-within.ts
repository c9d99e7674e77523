/**
 * Cuts items, in their order, into groups of at most so many whose sizes together stay within a limit: what a store takes in one request. An item that is
 * larger than that is a group of its own.
 */
export function groupsWithin<Item>(
  items: Iterable<Item>,
  sizeOf: (item: Item) => number,
  most: { readonly items: number; readonly size: number },
): Item[][] {
  const groups: Item[][] = [];
  let together = 0;
  for (const item of items) {
    const size = sizeOf(item);
    const last = groups.at(-1);
    if (last && last.length < most.items && together + size <= most.size) {
      last.push(item);
      together += size;
    } else {
      groups.push([item]);
      together = size;
    }
  }
  return groups;
}
