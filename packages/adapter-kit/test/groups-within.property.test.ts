import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupsWithin } from '../src/groups-within.ts';

describe('groups of items', () => {
  it('hold every item once and in order, within the limits but for an item that is too large by itself', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(50)),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 100 }),
        (sizes, items, size) => {
          const groups = groupsWithin(sizes, (each) => each, { items, size });
          expect(groups.flat()).toEqual(sizes);
          for (const [index, group] of groups.entries()) {
            const sum = group.reduce((total, each) => total + each, 0);
            expect(group.length).toBeGreaterThan(0);
            expect(group.length).toBeLessThanOrEqual(items);
            expect(group.length === 1 || sum <= size).toBe(true);
            // Each is as large as it can be.
            const next = groups[index + 1]?.[0];
            if (next !== undefined) expect(group.length === items || sum + next > size).toBe(true);
          }
        },
      ),
    );
  });
});
