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

/** Waits, and wakes up early, rejected with the signal's reason, when the signal is aborted. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
