import type { AsideStore } from '@polyshift/adapter-kit';
import type { JsonValue } from '@polyshift/core';
import { Script } from '../scripts/script.ts';
import { type Reply, type Store, send } from '../store.ts';

/** KEYS: values, order. ARGV: keep or replace, then (key, value). */
const put = new Script(`
for i = 2, #ARGV, 2 do
  if ARGV[1] == 'replace' then redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
  else redis.call('HSETNX', KEYS[1], ARGV[i], ARGV[i + 1]) end
  redis.call('ZADD', KEYS[2], 0, ARGV[i])
end
return 1
`);

const remove = new Script(`
for i = 1, #ARGV do
  redis.call('HDEL', KEYS[1], ARGV[i])
  redis.call('ZREM', KEYS[2], ARGV[i])
end
return 1
`);

/** KEYS: values, order. ARGV: bound, limit. Replies keys and values. */
const page = new Script(`
local found = {}
for _, key in ipairs(redis.call('ZRANGEBYLEX', KEYS[2], ARGV[1], '+', 'LIMIT', 0, ARGV[2])) do
  found[#found + 1] = key
  found[#found + 1] = redis.call('HGET', KEYS[1], key)
end
return found
`);

/** Entries that one script writes, at most: the server does nothing else meanwhile. */
const chunk = 500;

/** What is kept aside: a hash of key to JSON, and a sorted set of the keys in the order of bytes, in one slot of a cluster. */
export function asideStore(store: Store): AsideStore {
  const keysOf = (name: string): [string, string] => [
    store.keys.tagged('aside', name, ':values'),
    store.keys.tagged('aside', name, ':order'),
  ];

  return {
    // A hash comes into being with its first field.
    ensure: async () => undefined,

    async put(name, entries, mode) {
      for (let from = 0; from < entries.length; from += chunk) {
        const some = entries.slice(from, from + chunk);
        await put.run(store, keysOf(name), [mode, ...some.flatMap(({ key, value }) => [key, JSON.stringify(value)])]);
      }
    },

    async get(name, keys) {
      const found = new Map<string, JsonValue>();
      for (let from = 0; from < keys.length; from += chunk) {
        const some = keys.slice(from, from + chunk);
        const values = (await send(store, 'hmget', keysOf(name)[0], ...some)) as (Buffer | null)[];
        for (const [index, value] of values.entries()) if (value) found.set(some[index]!, parsed(value));
      }
      return found;
    },

    async list(name, after, limit) {
      const reply = await page.run(store, keysOf(name), [after === undefined ? '-' : `(${after}`, limit]);
      const found = reply as Buffer[];
      return Array.from({ length: found.length / 2 }, (_, index) => ({
        key: String(found[index * 2]),
        value: parsed(found[index * 2 + 1]!),
      }));
    },

    async delete(name, keys) {
      for (let from = 0; from < keys.length; from += chunk) await remove.run(store, keysOf(name), keys.slice(from, from + chunk));
    },

    async drop(name) {
      await send(store, 'unlink', ...keysOf(name));
    },
  };
}

function parsed(reply: Reply): JsonValue {
  return JSON.parse(String(reply)) as JsonValue;
}
