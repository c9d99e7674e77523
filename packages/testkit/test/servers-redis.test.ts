import { Redis } from 'ioredis';
import { testLifecycle } from './server-lifecycle.ts';

async function withRedis<T>(url: string, use: (redis: Redis, prefix: string) => Promise<T>): Promise<T> {
  const { host, pathname, searchParams } = new URL(url);
  const redis = new Redis(`redis://${host}${pathname}`);
  try {
    return await use(redis, searchParams.get('key_prefix') ?? '');
  } finally {
    await redis.quit();
  }
}

testLifecycle({
  store: 'redis',
  description: /^Redis \d+\.\d+\.\d+, installed$/,
  url: /^redis:\/\/127\.0\.0\.1:\d+\/0$/,
  put: (url, value) => withRedis(url, async (redis, prefix) => void (await redis.set(`${prefix}kept`, value))),
  get: (url) =>
    withRedis(url, async (redis, prefix) => {
      const value = await redis.get(`${prefix}kept`);
      return value === null ? undefined : Number(value);
    }),
  names: (url, name) => withRedis(url, (redis) => redis.keys(`${name}*`)),
});
