import type { LockHolder, LockRecord, LockStore } from '@polyshift/core';
import { Script } from './scripts/script.ts';
import type { Reply, Store } from './store.ts';

/** The key of a lock: a hash that stays over releases, so that its token only grows. */
export function lockKey(store: Pick<Store, 'keys'>, name: string): string {
  return store.keys.shared(`lock:${name}`);
}

/** The server's clock in milliseconds, and a lock as it is: token, holder, times, the clock. */
const prelude = `
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local function text(number) return string.format('%.0f', number) end
local function record()
  local it = redis.call('HMGET', KEYS[1], 'token', 'holder', 'acquired_at', 'expires_at')
  it[5] = text(now)
  return it
end
local held = redis.call('HGET', KEYS[1], 'held') == '1'
`;

const acquire = new Script(`${prelude}
if held and tonumber(redis.call('HGET', KEYS[1], 'expires_at')) > now then return record() end
local token = redis.call('HINCRBY', KEYS[1], 'token', 1)
redis.call('HSET', KEYS[1], 'held', '1', 'holder', ARGV[1], 'acquired_at', text(now), 'expires_at', text(now + tonumber(ARGV[2])))
return token
`);

const renew = new Script(`${prelude}
if not held or redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'expires_at', text(now + tonumber(ARGV[2])))
return 1
`);

const release = new Script(`
if redis.call('HGET', KEYS[1], 'held') ~= '1' or redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'held', '0')
return 1
`);

const read = new Script(`${prelude}
if not held then return false end
return record()
`);

const breakIt = new Script(`${prelude}
if not held then return false end
local it = record()
redis.call('HINCRBY', KEYS[1], 'token', 1)
redis.call('HSET', KEYS[1], 'held', '0')
return it
`);

/** Leases: each method is one script, and judges time by the clock of the server. */
export function lockStore(store: Store): LockStore {
  const run = (script: Script, name: string, ...parameters: (string | number)[]): Promise<Reply> =>
    script.run(store, [lockKey(store, name)], parameters);

  return {
    async acquire(name, holder, ttl_ms) {
      const reply = await run(acquire, name, JSON.stringify(holder), ttl_ms);
      if (typeof reply === 'number') return { acquired: true, token: reply };
      return { acquired: false, current: toRecord(name, reply)! };
    },
    renew: async (name, token, ttl_ms) => (await run(renew, name, token, ttl_ms)) === 1,
    release: async (name, token) => (await run(release, name, token)) === 1,
    read: async (name) => toRecord(name, await run(read, name)),
    breakLock: async (name) => toRecord(name, await run(breakIt, name)),
  };
}

function toRecord(name: string, reply: Reply): LockRecord | undefined {
  if (!Array.isArray(reply)) return undefined;
  const [token, holder, acquired, expires, now] = reply.map(String) as [string, string, string, string, string];
  return {
    name,
    token: Number(token),
    holder: JSON.parse(holder) as LockHolder,
    acquired_at: new Date(Number(acquired)).toISOString(),
    expires_at: new Date(Number(expires)).toISOString(),
    expired: Number(expires) <= Number(now),
  };
}
