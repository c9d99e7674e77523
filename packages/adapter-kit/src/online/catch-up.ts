import type { Progress, RunContext } from '@polyshift/core';
import { keyText } from '../change/key-text.ts';
import { everyKey } from './every-key.ts';
import type { Refusals, RefusedWrite } from './state.ts';
import { type Sync, type Synced, settle, syncKeys } from './sync.ts';

/** A round that carries over no more than this is near enough: what is left is what is being written now. */
const fewRows = 20;

/** Rounds at most, where the application writes faster than they are. */
const maxRounds = 10;

/** Refused writes that are named, at most. */
const shownRefusals = 20;

/** What catching up came to. */
export interface CaughtUp {
  /** Rows that the last round has carried over, by the side that they were written to. */
  readonly last: Synced['written'];
  readonly refused: Refusals;
}

/**
 * Carries over what has been written to either version, in rounds over every key, until a round has found little.
 *
 * @param batch_size rows in a batch
 * @param isLast whether a round that has carried over so much, and the one before it, is the last; default: it is when it was short, or has left about as
 *   much to do as it found, because rows are being written all the time
 */
export async function* catchUp<Raw>(
  sync: Sync<Raw>,
  batch_size: number,
  run: RunContext,
  isLast: (written: Synced['written'], before: number | undefined) => boolean = isLittle,
): AsyncGenerator<Progress, CaughtUp> {
  let rows_done = 0;
  let before: number | undefined;
  for (let round = 1; ; round++) {
    const written = { old: 0, new: 0 };
    const refused = new Refused();
    await run.guard();
    await settle(sync);
    for await (const { keys, known } of everyKey(sync, batch_size)) {
      await run.guard();
      const synced = await syncKeys(sync, keys, run, known);
      written.old += synced.written.old;
      written.new += synced.written.new;
      rows_done += synced.written.old + synced.written.new;
      refused.add(synced.refused);
      yield { rows_done, note: `carrying over what was written to ${sync.versions.old} and ${sync.versions.new}` };
    }
    // What was announced last is settled: a later pass must not take it for its own.
    if (written.old + written.new > 0) await sync.ledger.announce([]);
    if (isLast(written, before) || round === maxRounds) return { last: written, refused: refused.all };
    before = written.old + written.new;
  }
}

function isLittle(written: Synced['written'], before: number | undefined): boolean {
  const sum = written.old + written.new;
  return sum <= fewRows || (before !== undefined && sum > before / 2);
}

/** The refused writes of one round, each key once. */
class Refused {
  private readonly keys = new Set<string>();
  private readonly of = { old: 0, new: 0 };
  private readonly examples: RefusedWrite[] = [];

  add(refused: readonly RefusedWrite[]): void {
    for (const each of refused) {
      const text = keyText(each.key);
      if (this.keys.has(text)) continue;
      this.keys.add(text);
      if (each.side !== 'new') this.of.old++;
      if (each.side !== 'old') this.of.new++;
      if (this.examples.length < shownRefusals) this.examples.push(each);
    }
  }

  get all(): Refusals {
    return { count: this.keys.size, of: { ...this.of }, examples: this.examples };
  }
}
