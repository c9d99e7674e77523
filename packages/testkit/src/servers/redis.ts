import { startContainer } from './docker.ts';
import { withRedis } from './redis-connection.ts';
import { redisDatabases } from './redis-database.ts';
import { redisSettings, startRedisProcess } from './redis-process.ts';
import type { ServerRecipe } from './server.ts';

const image = 'redis:7';

/** Redis: `REDIS_URL`, the container `redis:7`, or a redis-server that is or can be installed. */
export const redisRecipe: ServerRecipe = {
  product: 'Redis',
  urlVariable: 'REDIS_URL',
  image,
  async describe(url) {
    const info = await withRedis(url, (redis) => redis.info('server'));
    const valkey = /^valkey_version:(\S+)/m.exec(info)?.[1];
    return valkey === undefined ? `Redis ${/^redis_version:(\S+)/m.exec(info)?.[1] ?? ''}`.trim() : `Valkey ${valkey}`;
  },
  databases: redisDatabases,
  async startContainer(options) {
    const settings = Object.entries({ ...redisSettings, ...options.settings });
    return await startContainer({
      store: 'redis',
      image,
      containerPort: 6379,
      port: options.port,
      command: ['redis-server', ...settings.flatMap(([name, value]) => [`--${name}`, value])],
      readyLine: /Ready to accept connections/,
      url: (host, port) => `redis://${host}:${port}/0`,
      describe: redisRecipe.describe,
    });
  },
  processes: [{ way: 'redis-server, installed or by apt-get', kind: 'native', start: startRedisProcess }],
};
