import { setTimeout as pause } from 'node:timers/promises';
import type { Ledger, Left, Outcome } from '../ledger.ts';
import type { Draw } from './draw.ts';
import { type LiveWriter, WriteRefused, WrongRows } from './writer.ts';

/** Milliseconds that a line waits after its first write that failed; each further one doubles it. */
const shortestPauseMs = 20;
const longestPauseMs = 200;

/** What a line of writes has to itself. */
export interface LineOptions {
  readonly writer: LiveWriter;
  readonly ledger: Ledger;
  readonly draw: Draw;
  /** Rows of its own that are there already. */
  readonly own: readonly number[];
  /** Rows of others, that only this line updates. */
  readonly others: readonly number[];
  /** Gives the next key of its own. */
  readonly nextKey: () => number;
  /** Gives a note that was never given before. */
  readonly nextNote: () => string;
  /** Milliseconds from one write to the next, at least. */
  readonly every_ms: number;
}

/** Writes one after the other, until it is told to stop. What it writes is drawn; what it draws depends on nothing but its random numbers and on which writes failed. */
export class WriteLine {
  private readonly options: LineOptions;
  private readonly own: number[];
  private readonly others: number[];
  private stopped = false;
  /** When the first write was sent that no acknowledgement has followed. */
  private waitingSince: number | undefined;

  constructor(options: LineOptions) {
    this.options = options;
    this.own = [...options.own];
    this.others = [...options.others];
  }

  /** Lets the line end after the write that is on its way. */
  stop(): void {
    this.stopped = true;
  }

  /** Ends after {@link stop}, never by an error of the store. */
  async run(): Promise<void> {
    let failed = 0;
    while (!this.stopped) {
      const startedAt = performance.now();
      const outcome = await this.writeOne();
      failed = outcome === 'acknowledged' ? 0 : failed + 1;
      const rest = this.options.every_ms - (performance.now() - startedAt);
      const patience = failed === 0 ? 0 : Math.min(longestPauseMs, shortestPauseMs * 2 ** (failed - 1));
      await pause(Math.max(0, rest, patience));
    }
    this.noteStall();
  }

  private writeOne(): Promise<Outcome> {
    const { draw, writer, nextKey, nextNote } = this.options;
    const kind = draw(10);
    if (kind >= 8 && this.own.length > 0) {
      const key = this.take(this.own);
      return this.send(key, undefined, () => writer.remove(key), this.own);
    }
    const rows = kind >= 6 && this.others.length > 0 ? this.others : this.own;
    const note = nextNote();
    if (kind < 3 || rows.length === 0) {
      const key = nextKey();
      return this.send(key, note, () => writer.insert(key, note), this.own);
    }
    const key = this.take(rows);
    return this.send(key, note, () => writer.update(key, note), rows);
  }

  /** A key that is drawn from those that can be written; it is put back only when it can be written again. */
  private take(keys: number[]): number {
    const place = this.options.draw(keys.length);
    const key = keys[place]!;
    keys[place] = keys.at(-1)!;
    keys.pop();
    return key;
  }

  private async send(key: number, left: Left, write: () => Promise<void>, rows: number[]): Promise<Outcome> {
    const { ledger } = this.options;
    ledger.issue(key, left);
    this.waitingSince ??= performance.now();
    let outcome: Outcome;
    let failure: unknown;
    try {
      await write();
      outcome = 'acknowledged';
    } catch (error) {
      failure = error;
      // It was done, though not as it had to be: the ledger goes by what it has left.
      if (error instanceof WrongRows) ledger.violation(error.message);
      outcome = error instanceof WrongRows || error instanceof WriteRefused ? 'refused' : 'unknown';
    }
    ledger.settle(key, left, outcome, failure);
    if (outcome === 'acknowledged') this.noteStall();
    const there = outcome === 'acknowledged' ? left !== undefined : ledger.present(key);
    if (there && !(failure instanceof WrongRows)) rows.push(key);
    return outcome;
  }

  private noteStall(): void {
    if (this.waitingSince === undefined) return;
    const { counts } = this.options.ledger;
    counts.longest_stall_ms = Math.max(counts.longest_stall_ms, Math.round(performance.now() - this.waitingSince));
    this.waitingSince = undefined;
  }
}
