import type { AnyOperationInput } from '@polyshift/core';
import { redis } from '@polyshift/redis';
import { describe, expect, it } from 'vitest';
import { toPolyshiftError } from '../src/errors.ts';
import { applied, connected } from './connected.ts';

const cases: [string, string, boolean][] = [
  ["OOM command not allowed when used memory > 'maxmemory'.", 'STORE_FULL', true],
  ['MISCONF Redis is configured to save RDB snapshots, but it is currently not able to persist on disk.', 'STORE_FULL', true],
  ['NOREPLICAS Not enough good replicas to write.', 'STORE_FULL', true],
  ["READONLY You can't write against a read only replica.", 'STORE_FULL', true],
  ['LOADING Redis is loading the dataset in memory', 'STORE_BUSY', true],
  ['BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.', 'STORE_BUSY', true],
  ['CLUSTERDOWN Hash slot not served', 'STORE_BUSY', true],
  ['TRYAGAIN Multiple keys request during rehashing of slot', 'STORE_BUSY', true],
  ['MASTERDOWN Link with MASTER is down', 'STORE_BUSY', true],
  ['NOAUTH Authentication required.', 'AUTHENTICATION_FAILED', false],
  ['WRONGPASS invalid username-password pair or user is disabled.', 'AUTHENTICATION_FAILED', false],
  ["NOPERM User app has no permissions to run the 'hset' command", 'PERMISSION_DENIED', false],
  ['WRONGTYPE Operation against a key holding the wrong kind of value', 'STATEMENT_FAILED', false],
  ['BUSYKEY Target key name already exists.', 'ALREADY_EXISTS', false],
  ['ERR max number of clients reached', 'STORE_BUSY', true],
  ['ERR unknown command', 'STATEMENT_FAILED', false],
  ['Connection is closed.', 'CONNECTION_LOST', true],
  [
    'Reached the max retries per request limit (which is 3). Refer to "maxRetriesPerRequest" option for details.',
    'CONNECTION_LOST',
    true,
  ],
];

describe('errors', () => {
  it.each(cases)('%s', (message, code, retryable) => {
    expect(redis.classify(new Error(message))).toEqual({ code, retryable });
  });

  it('are what the server really says: a key of another type', async () => {
    await using it = await connected();
    await it.app('sadd', 'users:1', 'a');
    const error = await it.app('hget', 'users:1', 'a').catch((thrown: unknown) => thrown);
    expect(redis.classify(error)).toEqual({ code: 'STATEMENT_FAILED', retryable: false });
    expect(toPolyshiftError(error).message).toMatch(/^WRONGTYPE/);
  });

  it('do not come from a server that has forgotten the scripts', async () => {
    await using it = await connected();
    await it.app('hset', 'users:1', 'a', 'x');
    const change = {
      type: 'migrate_data',
      collection: 'users',
      data: { pipeline: [{ $set: { a: 'y' } }] },
    } satisfies AnyOperationInput;
    const run = await applied(it.session, change);
    await it.store.client.script('FLUSH');
    await run.back();
    expect(String(await it.app('hget', 'users:1', 'a'))).toBe('x');
  });

  it('keep the command out, with its values and passwords', async () => {
    await using it = await connected();
    const error = await it.app('auth', 'nobody', 'geheim').catch((thrown: unknown) => thrown);
    const shown = toPolyshiftError(error);
    expect(shown.code).toBe('AUTHENTICATION_FAILED');
    expect(JSON.stringify(shown) + JSON.stringify(shown.cause, Object.getOwnPropertyNames(shown.cause))).not.toContain('geheim');
  });

  it.each(['redis://127.0.0.1:46379/0?keyprefix=a', 'redis://127.0.0.1/a', 'http://127.0.0.1'])(
    'name what is wrong with the URL %s',
    async (url) => {
      await expect(redis.connect(url)).rejects.toMatchObject({ code: 'INVALID_DOCUMENT' });
    },
  );
});
