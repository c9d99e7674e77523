import { withParameter } from './database-url.ts';
import { withRedis } from './redis-connection.ts';
import type { DatabaseRecipe } from './server.ts';

/**
 * A prefix of keys in Redis: its numbered databases are only 16, and a cluster has one. In a cluster, only the keys of the
 * node that the URL names are dropped.
 */
export const redisDatabases: DatabaseRecipe = {
  create: (url) => withRedis(url, async (redis) => void (await redis.ping())),
  drop: (url, name) =>
    withRedis(url, async (redis) => {
      let cursor = '0';
      do {
        const [next, keys] = await redis.scan(cursor, 'MATCH', `${name}:*`, 'COUNT', 1_000);
        if (keys.length > 0) await redis.unlink(...keys);
        cursor = next;
      } while (cursor !== '0');
    }),
  urlOf: (url, name) => withParameter(url, 'key_prefix', `${name}:`),
};
