import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Connected, connected } from './connected.ts';

let store: Connected;
beforeAll(async () => {
  store = await connected();
  await store.app('hset', 'users:1', 'name', 'Ada "L"', 'age', '36');
  await store.app('sadd', 'tags', 'a', 'b');
  await store.app('rpush', 'a list', 'first', 'second');
  await store.app('set', 'bytes', Buffer.from([0xff, 0xfe]));
});
afterAll(() => store[Symbol.asyncDispose]());

/** `KEY:` stands for the prefix. */
const query = (text: string) => store.session.query!(text.replaceAll('KEY:', store.store.keys.prefix));

describe('a query of a check', () => {
  it.each<[string, unknown]>([
    ['HGET KEY:users:1 name', 'Ada "L"'],
    ['hget KEY:users:1 age', '36'],
    ['SCARD KEY:tags', 2],
    ['LRANGE "KEY:a list" 0 -1', 'first'],
    ["LINDEX 'KEY:a list' 1", 'second'],
    ['LRANGE KEY:nothing 0 -1', null],
    ['GET KEY:nothing', null],
    ['GET KEY:bytes', '\0xfffe'],
    ['HMGET KEY:users:1 age name', '36'],
    ['OBJECT ENCODING KEY:users:1', 'listpack'],
    ["EVAL_RO \"return redis.call('HGET', KEYS[1], 'age')\" 1 KEY:users:1", '36'],
  ])('%s gives %j', async (text, value) => {
    expect(await query(text)).toEqual(value);
  });

  it.each([
    ['SET KEY:tags x', 'INVALID_DOCUMENT'],
    ['XREAD BLOCK 0 STREAMS KEY:s $', 'INVALID_DOCUMENT'],
    ['CONFIG GET maxmemory', 'INVALID_DOCUMENT'],
    ['NOTHING KEY:tags', 'INVALID_DOCUMENT'],
    ['GET "KEY:tags', 'INVALID_DOCUMENT'],
    [' ', 'INVALID_DOCUMENT'],
    ['GET KEY:tags', 'STATEMENT_FAILED'],
    ['GET', 'STATEMENT_FAILED'],
  ])('%j is refused: %s', async (text, code) => {
    await expect(query(text)).rejects.toMatchObject({ code });
  });
});
