import type { Redis } from 'ioredis';

/**
 * Opens a connection to Redis, runs `use` with it and closes it. The first failure to connect is an error: nothing is tried
 * again.
 */
export async function withRedis<T>(url: string, use: (redis: Redis) => Promise<T>): Promise<T> {
  const { Redis: Client } = await import('ioredis');
  const redis = new Client(url.split('?')[0] ?? '', {
    lazyConnect: true,
    connectTimeout: 10_000,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  });
  let failure: Error | undefined;
  redis.on('error', (error: Error) => {
    failure = error;
  });
  try {
    await redis.connect();
    return await use(redis);
  } catch (error) {
    // A call on a closed connection says only that it is closed; the reason came as an event before.
    throw failure ?? error;
  } finally {
    redis.disconnect();
  }
}
