import { setTimeout as sleep } from 'node:timers/promises';
import { isPolyshiftError, keepSecrets, PolyshiftError } from '@polyshift/core';
import { Redis, type RedisOptions } from 'ioredis';

/** Milliseconds until a Redis that does not answer is an error. */
export const answerMs = 10_000;

/** Connects to Redis, and comes back by itself after the connection was lost. Throws CONNECTION_FAILED and AUTHENTICATION_FAILED. */
export async function connectRedis(
  url: string,
  options: Pick<RedisOptions, 'enableOfflineQueue' | 'maxRetriesPerRequest'>,
): Promise<Redis> {
  keepSecrets(url, undefined);
  const redis = new Redis(url, {
    ...options,
    connectTimeout: answerMs,
    retryStrategy: (times: number) => Math.min(2000, 100 * times),
    lazyConnect: true,
  });
  let failure: Error | undefined;
  // Each outage is told by whoever sees a command fail.
  redis.on('error', (error: Error) => {
    failure = error;
  });
  try {
    await within(redis.connect());
    await within(redis.ping());
    return redis;
  } catch (error) {
    redis.disconnect();
    throw connectionError('CONNECTION_FAILED', failure ?? (error as Error));
  }
}

/** The error of a Redis that cannot be reached, or was lost. */
export function connectionError(code: 'CONNECTION_FAILED' | 'CONNECTION_LOST', cause: Error): PolyshiftError {
  if (isPolyshiftError(cause)) return cause;
  const refused = /NOAUTH|WRONGPASS|NOPERM/.test(cause.message);
  return new PolyshiftError(
    refused ? 'AUTHENTICATION_FAILED' : code,
    `the Redis of the engine ${refused ? 'refuses the login' : 'cannot be reached'}: ${cause.message || cause.name}`,
    {
      hint: refused
        ? 'Check the user and the password in `redis` under `engine` of the configuration.'
        : 'Nothing is lost with it: the same command goes on when it is back, and `etl run --local` without it.',
      cause,
      retryable: !refused,
    },
  );
}

/** Waits for an answer, but not for ever. */
export async function within<Result>(answer: Promise<Result>): Promise<Result> {
  const waiting = new AbortController();
  const silence = sleep(answerMs, undefined, { signal: waiting.signal, ref: false }).then(() => {
    throw new Error(`no answer for ${answerMs / 1000} s`);
  });
  silence.catch(() => undefined);
  try {
    return await Promise.race([answer, silence]);
  } finally {
    waiting.abort();
    answer.catch(() => undefined);
  }
}
