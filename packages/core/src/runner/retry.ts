import { isPolyshiftError } from '../errors/polyshift-error.ts';

/** The pause before try number `attempt` (from 1), in milliseconds: doubled each time from 200 ms up to 10 s, and varied at random by half. */
export function retryPause(attempt: number, random = Math.random): number {
  const full = Math.min(200 * 2 ** (attempt - 1), 10_000);
  return Math.round(full / 2 + (full / 2) * random());
}

/** Whether an error says of itself that it may pass. */
export function isRetryable(error: unknown): boolean {
  return isPolyshiftError(error) && error.retryable;
}
