import { Redis } from 'ioredis';
import {
  answerTimeoutMs,
  connectTimeoutMs,
  expectOneRow,
  type LiveWriter,
  type NotedRow,
  notesByKey,
  type OpenWriter,
  WriteRefused,
  written,
} from './writer.ts';

/** Writes the hashes of a collection of Redis. */
export const openRedisWriter: OpenWriter = async (url, table, field = 'note') => {
  const prefix = `${new URL(url).searchParams.get('key_prefix') ?? ''}${table}:`;
  const redis = new Redis(url.split('?')[0]!, {
    lazyConnect: true,
    connectTimeout: connectTimeoutMs,
    commandTimeout: answerTimeoutMs,
    // What cannot be sent fails at once, and what was sent before the connection was lost fails with it.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => 100,
  });
  // The driver says by events why it cannot connect; every write says that it could not be sent.
  redis.on('error', () => undefined);
  await redis.connect();
  const name = (key: number) => `${prefix}${key}`;
  return {
    async insert(key, note) {
      await written(redis.hset(name(key), field, note), refused);
    },
    async update(key, note) {
      // A hash that is gone would come back by HSET, as it does for an application that knows its row to be there.
      const answers = await written(redis.multi().exists(name(key)).hset(name(key), field, note).exec(), refused);
      const [[, there] = [], [failure] = []] = answers ?? [];
      if (failure) throw new WriteRefused(failure);
      expectOneRow(Number(there), `update ${key}`);
    },
    async remove(key) {
      expectOneRow(await written(redis.del(name(key)), refused), `remove ${key}`);
    },
    async readAll() {
      const keys = new Set<string>();
      for await (const found of redis.scanStream({ match: `${prefix.replace(/[*?[\]\\^-]/g, '\\$&')}*`, count: 1000 }))
        for (const key of found as string[]) keys.add(key);
      const rows = await Promise.all(
        [...keys].map(async (key): Promise<NotedRow> => [Number(key.slice(prefix.length)), await redis.hget(key, field)]),
      );
      return notesByKey(rows);
    },
    async [Symbol.asyncDispose]() {
      redis.disconnect();
    },
  } satisfies LiveWriter;
};

/** An answer of the server is one of no change; without a connection nothing was sent. */
function refused(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === 'ReplyError' || error.message.startsWith("Stream isn't writeable");
}
