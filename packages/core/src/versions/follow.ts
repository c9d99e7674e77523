import { isPolyshiftError } from '../errors/polyshift-error.ts';
import { pause } from '../journal/pause.ts';
import { journaledSteps } from '../runner/migration-run.ts';
import { Run, stoppedError } from '../runner/run.ts';
import type { RunnerOptions } from '../runner/runner-options.ts';
import { openVersion } from './open-version.ts';

/** How `follow` works. */
export interface FollowRequest {
  /** Milliseconds between two rounds; default 1000. */
  readonly interval_ms?: number;
  /** One round, then the end. */
  readonly once?: boolean;
  /** Called after each round. */
  readonly onRound?: (round: FollowRound) => void;
}

/** What one round found. */
export interface FollowRound {
  /** The version that has left two versions in use; null where none has any more. */
  readonly version: string | null;
  /** Steps that were caught up; 0 where the store carries writes over by itself. */
  readonly steps: number;
  /** Whether another run held the lock, which catches up by itself. */
  readonly held: boolean;
}

/**
 * Carries writes of either version over to the other, round by round, on stores that do not do it within the write; each round takes the lock for as long as it
 * needs. Ends when the two versions are one again, after one round where `once` says so, or by the signal.
 *
 * @throws PolyshiftError STOPPED on request
 */
export async function follow(options: RunnerOptions, request: FollowRequest = {}): Promise<FollowRound> {
  for (;;) {
    const round = await followOnce(options);
    request.onRound?.(round);
    if (request.once || round.version === null || (round.steps === 0 && !round.held)) return round;
    try {
      await pause(request.interval_ms ?? 1000, options.signal ?? new AbortController().signal);
    } catch {
      throw stoppedError();
    }
    if (options.signal?.aborted) throw stoppedError();
  }
}

async function followOnce(options: RunnerOptions): Promise<FollowRound> {
  try {
    return await Run.hold(options, 'follow', catchUpAll, { noted: false });
  } catch (error) {
    if (isPolyshiftError(error, 'LOCKED')) return { version: '', steps: 0, held: true };
    throw error;
  }
}

async function catchUpAll(run: Run): Promise<FollowRound> {
  const open = await openVersion(run.session.journal, run.history);
  if (!open) return { version: null, steps: 0, held: false };
  let steps = 0;
  for (const step of await journaledSteps(run, run.history.of(open.version)!)) {
    await run.guard();
    if (await step.catchUp()) steps++;
  }
  return { version: open.version, steps, held: false };
}
