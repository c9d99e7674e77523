import type { Loss } from '@polyshift/core';
import type { LossName } from '../types.ts';

/** Is told of a value that is not written as it was: the loss, and its text before and after. */
export type NoteLoss = (loss: LossName, from: string, to: string) => void;

/** Counts what a batch has lost, by field and name. */
export class LossCounter {
  private readonly counts = new Map<
    string,
    { field: string; loss: LossName; count: number; example: { from: string; to: string } }
  >();

  /** Notes one value. */
  add(field: string, loss: LossName, from: string, to: string): void {
    const key = `${loss}\0${field}`;
    const known = this.counts.get(key);
    if (known) known.count++;
    else this.counts.set(key, { field, loss, count: 1, example: { from: shortened(from), to: shortened(to) } });
  }

  /** All that was noted. */
  list(): Loss[] {
    return [...this.counts.values()];
  }
}

function shortened(text: string): string {
  return text.length <= 120 ? text : `${text.slice(0, 117)}...`;
}
