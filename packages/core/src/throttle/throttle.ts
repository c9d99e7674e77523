import type { StoreSession } from '../adapter/adapter.ts';
import { pause } from '../journal/pause.ts';
import { type GivenThrottle, ThrottleReader } from './in-force.ts';
import { type MeasuredSession, measureThrottle, whyHeld, whyWaiting } from './measure.ts';
import type { ThrottleSettings } from './settings.ts';

/** What is told while a run waits, again after each look, and once when it goes on. */
export interface ThrottleWait {
  /** False when the run goes on. */
  readonly waiting: boolean;
  /** Why it waits or has waited: `replica lag 7.2 s > 5 s`. */
  readonly reason: string;
  /** Milliseconds since this wait began. */
  readonly waited_ms: number;
}

/** What a throttle works with. */
export interface ThrottleParts {
  readonly session: Pick<StoreSession, 'journal'> & MeasuredSession;
  readonly given: GivenThrottle | undefined;
  /** Ends all waiting at once. */
  readonly signal: AbortSignal;
  /** Throws where the run must not go on: asked to stop, lock lost. */
  readonly guard: () => Promise<void>;
  readonly tell: (wait: ThrottleWait) => void;
}

/** Milliseconds for which what was found out counts. */
const freshMs = 1000;

/** Milliseconds between two looks while a run waits: they grow. */
const [firstLookMs, longestLookMs] = [500, 5000];

/**
 * Holds batch work back as the limits in force say, between two batches; they are looked at anew while it works, at most once a second. Those who
 * work beside each other in one run share one, and wait together.
 */
export class Throttle {
  private readonly parts: ThrottleParts;
  private readonly reader: ThrottleReader;
  private lookedAt = Number.NEGATIVE_INFINITY;
  private settings: ThrottleSettings = {};
  private reason: string | undefined;
  private holding: Promise<void> | undefined;

  constructor(parts: ThrottleParts) {
    this.parts = parts;
    this.reader = new ThrottleReader(parts.session, parts.given);
  }

  /** Waits as long as the work is held, a limit is exceeded, or nobody can tell. Throws what the guard throws, and what the store throws where it is away. */
  hold(): Promise<void> {
    this.holding ??= this.holdOnce().finally(() => {
      this.holding = undefined;
    });
    return this.holding;
  }

  /** The same after a batch: then the pause too, which ends as soon as somebody shortens it. */
  async afterBatch(): Promise<void> {
    const { signal } = this.parts;
    const endedAt = performance.now();
    for (;;) {
      await this.hold();
      const left = endedAt + (this.settings.pause_ms ?? 0) - performance.now();
      if (left <= 0 || signal.aborted) return;
      await this.sleep(Math.min(left, freshMs));
    }
  }

  private async holdOnce(): Promise<void> {
    const { signal, tell } = this.parts;
    let waitedFor: string | undefined;
    let lookMs = firstLookMs;
    const startedAt = performance.now();
    const waited_ms = () => performance.now() - startedAt;
    if (performance.now() - this.lookedAt >= freshMs) await this.look();
    while (this.reason !== undefined && !signal.aborted) {
      waitedFor = this.reason;
      tell({ waiting: true, reason: waitedFor, waited_ms: waited_ms() });
      await this.sleep(lookMs);
      lookMs = Math.min(lookMs * 1.5, longestLookMs);
      await this.look();
    }
    if (waitedFor !== undefined) tell({ waiting: false, reason: waitedFor, waited_ms: waited_ms() });
  }

  private async sleep(ms: number): Promise<void> {
    await pause(ms, this.parts.signal).catch(() => undefined);
    await this.parts.guard();
  }

  /** Looks at the limits and the store; a stop does not wait for a query that takes long. */
  private async look(): Promise<void> {
    const { signal, guard } = this.parts;
    await untilAborted(this.lookNow(), signal);
    if (signal.aborted) await guard();
  }

  private async lookNow(): Promise<void> {
    const inForce = await this.reader.read();
    this.reason = whyHeld(inForce) ?? whyWaiting(inForce, await measureThrottle(this.parts.session, inForce));
    this.settings = inForce.settings;
    this.lookedAt = performance.now();
  }
}

/** Ends with the work, or at once when the signal is aborted: whatever becomes of the work then. */
async function untilAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  let onAbort = (): void => undefined;
  const aborted = new Promise<void>((resolve) => {
    onAbort = resolve;
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    work.catch(() => undefined);
  }
}
