import type { Loss } from '@polyshift/core';
import type { LossName } from '../types.ts';

/** Told of a value that is not held exactly. */
export type NoteLoss = (loss: LossName, from: string, to: string) => void;

/** Counts losses by field and kind, with one example of each. */
export class LossCounter {
  private readonly found = new Map<string, { -readonly [Part in keyof Loss]: Loss[Part] }>();

  /** Counts one value. */
  add(field: string, loss: LossName, from: string, to: string): void {
    const key = JSON.stringify([field, loss]);
    const known = this.found.get(key);
    if (known) known.count++;
    else this.found.set(key, { field, loss, count: 1, example: { from, to } });
  }

  /** What was counted, in the order in which it was first seen. */
  list(): Loss[] {
    return [...this.found.values()];
  }
}
