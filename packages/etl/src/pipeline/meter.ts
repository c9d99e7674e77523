import type { EmitEtl, EtlStep } from '../events.ts';

/** Milliseconds between two events of progress of one step, at least. */
const interval = 100;

/** Counts rows of a step and tells of its progress: rate and time left. */
export class Meter {
  private readonly step: EtlStep;
  private readonly emit: EmitEtl;
  private readonly total: number | undefined;
  private readonly before: number;
  private readonly batchSize: (() => number | undefined) | undefined;
  private readonly startedAt = performance.now();
  private toldAt = 0;
  private rows = 0;

  /**
   * @param before rows that earlier attempts have dealt with.
   * @param batchSize the rows of one write, where the step writes.
   */
  constructor(step: EtlStep, emit: EmitEtl, total: number | undefined, before = 0, batchSize?: () => number | undefined) {
    this.step = step;
    this.emit = emit;
    this.total = total;
    this.before = before;
    this.batchSize = batchSize;
  }

  /** Rows that this attempt has dealt with. */
  get count(): number {
    return this.rows;
  }

  /** Adds rows, and tells of them where the last event is long enough ago. */
  add(rows: number): void {
    this.rows += rows;
    if (performance.now() - this.toldAt >= interval) this.tell();
  }

  /** Tells how far the step is, in any case. */
  tell(): void {
    this.toldAt = performance.now();
    const rowsDone = this.before + this.rows;
    const seconds = (this.toldAt - this.startedAt) / 1000;
    const rate = seconds > 0 ? this.rows / seconds : 0;
    const left = this.total === undefined ? undefined : Math.max(0, this.total - rowsDone);
    this.emit({
      kind: 'progress',
      step: this.step,
      rows_done: rowsDone,
      rows_total: this.total === undefined ? undefined : Math.max(this.total, rowsDone),
      rate,
      eta_seconds: left === undefined || rate === 0 ? undefined : left / rate,
      ...(this.batchSize ? { batch_size: this.batchSize() } : {}),
    });
  }
}
