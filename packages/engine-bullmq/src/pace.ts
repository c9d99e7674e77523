import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { within } from './connect.ts';

/** Each call takes the time that its rows need at the limit, behind what others have taken, and gives the milliseconds until then. Redis's clock counts for all. */
const script = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local free = math.max(now, tonumber(redis.call('GET', KEYS[1]) or now))
local ends = free + ARGV[1] * 1000 / ARGV[2]
redis.call('SET', KEYS[1], ends, 'PX', math.ceil(ends - now) + 1000)
return free - now`;

/** Milliseconds between two tries while Redis is away. */
const againMs = 500;

/** The limit of rows per second that all workers of a queue share. */
export class Pace {
  private readonly redis: Redis;
  private readonly key: string;

  constructor(redis: Redis, queue: string) {
    this.redis = redis;
    this.key = `bull:${queue}:pace`;
  }

  /** Waits until so many more rows may be written; while Redis is away too, since nobody knows then what others write. Ends at once when the signal is aborted. */
  async wait(rows: number, rowsPerSecond: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const ms = Number(await within(this.redis.eval(script, 1, this.key, rows, rowsPerSecond) as Promise<unknown>));
        return await pause(ms, signal);
      } catch {
        await pause(againMs, signal);
      }
    }
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
