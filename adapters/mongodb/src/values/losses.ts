import type { Loss } from '@polyshift/core';
import type { LossName } from '../types.ts';

/** Counts what a batch has lost, by field and name. */
export class LossCounter {
  private readonly counts = new Map<
    string,
    { field: string; loss: LossName; count: number; example: { from: string; to: string } }
  >();

  /** Notes one value; `from` and `to` are its text before and after. */
  add(field: string, loss: LossName, from: string, to: string): void {
    const key = `${loss}\0${field}`;
    const known = this.counts.get(key);
    if (known) known.count++;
    else this.counts.set(key, { field, loss, count: 1, example: { from: shorten(from), to: shorten(to) } });
  }

  /** Values lost so far. */
  get total(): number {
    let total = 0;
    for (const { count } of this.counts.values()) total += count;
    return total;
  }

  /** Adds what another counter has. */
  merge(other: LossCounter): void {
    for (const [key, loss] of other.counts) {
      const known = this.counts.get(key);
      if (known) known.count += loss.count;
      else this.counts.set(key, loss);
    }
  }

  /** All that was noted. */
  list(): Loss[] {
    return [...this.counts.values()];
  }
}

function shorten(text: string): string {
  return text.length <= 120 ? text : `${text.slice(0, 117)}...`;
}
