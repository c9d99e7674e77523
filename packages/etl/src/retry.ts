import { setTimeout as sleep } from 'node:timers/promises';
import { isPolyshiftError, PolyshiftError } from '@polyshift/core';
import type { EtlDependencies } from './dependencies.ts';

/** How often and how long. */
export interface RetryPolicy {
  readonly retries: number;
  readonly pause_ms: number;
}

/** The policy that the dependencies of a command ask for, with the defaults of what they leave out. */
export function retryPolicy({ retries, retry_pause_ms }: Pick<EtlDependencies, 'retries' | 'retry_pause_ms'>): RetryPolicy {
  return { retries: retries ?? 5, pause_ms: retry_pause_ms ?? 200 };
}

/** The longest pause between two tries, in milliseconds. */
const longestPause = 10_000;

/** The pause before a try (from 1): doubles each time and varies at random by a half, so that many clients do not come back together. */
export function pauseBefore(attempt: number, policy: RetryPolicy): number {
  const full = Math.min(longestPause, policy.pause_ms * 2 ** (attempt - 1));
  return Math.round(full * (0.5 + Math.random() / 2));
}

/** Waits; throws STOPPED when the signal is aborted meanwhile. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal });
  } catch {
    throw stopped();
  }
}

/** The error of a run that was asked to stop. */
export function stopped(): PolyshiftError {
  return new PolyshiftError('STOPPED', 'the run was stopped part-way', {
    hint: 'Run the same command again: it resumes where it stopped. `polyshift etl rollback` takes back what was loaded.',
  });
}

/** Calls until it passes, while the errors may pass and tries are left. `attempt` counts from 0. */
export async function withRetries<Result>(
  policy: RetryPolicy,
  signal: AbortSignal,
  onRetry: (error: Error, attempt: number, pauseMs: number) => void,
  call: (attempt: number) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await call(attempt);
    } catch (error) {
      if (attempt >= policy.retries || signal.aborted || !isPolyshiftError(error) || !error.retryable) throw error;
      const pauseMs = pauseBefore(attempt + 1, policy);
      onRetry(error, attempt + 1, pauseMs);
      await pause(pauseMs, signal);
    }
  }
}
