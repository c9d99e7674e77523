import { pause } from '@polyshift/core';
import { classify } from './errors.ts';

/** Attempts of one request in all, where the service throttles. With the pauses below that is about half a minute. */
export const attempts = 14;

/**
 * The same where the service cannot be reached: a few seconds. A run that has lost it connects anew, with pauses of its own, and each of
 * the requests with which it ends would wait as long.
 */
const attemptsWhenLost = 8;

/** Milliseconds that the first pause takes at most; each further one twice as many. */
const firstPauseMs = 25;

/** Milliseconds that a pause takes at most. */
const longestPauseMs = 5000;

/** Attempts of one request in all, where the last one has ended with this error. */
export function attemptsAfter(error: unknown): number {
  return classify(error).code === 'CONNECTION_LOST' ? attemptsWhenLost : attempts;
}

/**
 * Waits before an attempt is repeated: exponential, with full jitter, so that many who were throttled at once do not come back at once.
 *
 * @param attempt how often it was tried, from 1
 */
export async function backOff(attempt: number, signal?: AbortSignal): Promise<void> {
  const limit = Math.min(longestPauseMs, firstPauseMs * 2 ** (attempt - 1));
  await pause(Math.random() * limit, signal);
}
