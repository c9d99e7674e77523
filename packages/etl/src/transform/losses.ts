import { type Loss, LossRefusedError } from '@polyshift/core';

/** Tells of a value that a rule could not carry exactly. Throws ConversionError where the spec says `on_loss: error`. */
export type ReportLoss = (field: string, loss: string, from: string, to: string) => void;

/** Losses by field and kind, with the first example of each. */
export class LossCounter {
  private readonly losses = new Map<string, { field: string; loss: string; count: number; example: Loss['example'] }>();

  /** Adds losses of a batch, or of an earlier attempt. */
  add(losses: readonly Loss[]): void {
    for (const { field, loss, count, example } of losses) {
      const key = JSON.stringify([field, loss]);
      const known = this.losses.get(key);
      if (known) known.count += count;
      else this.losses.set(key, { field, loss, count, example });
    }
  }

  /** Adds one value. */
  count(field: string, loss: string, from: string, to: string): void {
    this.add([{ field, loss, count: 1, example: { from, to } }]);
  }

  /** All losses, by field. */
  list(): Loss[] {
    return [...this.losses.values()].sort((left, right) => (left.field < right.field ? -1 : left.field > right.field ? 1 : 0));
  }
}

/** The losses of the batch that is being transformed. A row that is rejected afterwards is counted too: its value was looked at. */
export class BatchLosses {
  private counter = new LossCounter();
  private readonly refuse: boolean;

  /** @param refuse rejects a row instead of counting, for `on_loss: error`. */
  constructor(refuse: boolean) {
    this.refuse = refuse;
  }

  /** Starts a batch. */
  begin(): void {
    this.counter = new LossCounter();
  }

  /** See {@link ReportLoss}. */
  readonly report: ReportLoss = (field, loss, from, to) => {
    if (this.refuse) throw new LossRefusedError(`${loss.replaceAll('_', ' ')}: ${from} would become ${to}`);
    this.counter.count(field, loss, from, to);
  };

  /** What the batch has lost so far. */
  list(): Loss[] {
    return this.counter.list();
  }
}
