import { follow, type RunnerOptions, status, switchVersions, up } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { connected, migrationsOf } from './connected.ts';

const uniqueMail = {
  type: 'online_change',
  collection: 'users',
  data: {
    operations: [
      { type: 'rename_field', data: { old_name: 'mail', new_name: 'email' } },
      { type: 'create_index', data: { name: 'users_email', keys: { email: 1 }, unique: true } },
    ],
  },
} as const;

describe('writes that only one version takes', () => {
  it('fail up where they are there before, and nothing is left of it', async () => {
    await using stage = await connected();
    const { session, app } = stage;
    for (const id of ['a', 'b']) await app('hset', `users:${id}`, 'mail', 'same');
    const migrations = migrationsOf(uniqueMail);
    await expect(up({ session, migrations })).rejects.toMatchObject({
      code: 'CHECK_FAILED',
      message: expect.stringMatching(/users_email has "same" already/),
    });
    expect(Object.keys((await session.introspect()).collections)).toEqual(['users']);
    expect(await session.keptAside('1_0')).toEqual({ rows: 0, bytes: 0 });
  });

  it('are refused, named, in the way of a switch, and carried over when they are corrected', async () => {
    await using stage = await connected();
    const { session, app } = stage;
    await app('hset', 'users:a', 'mail', 'one');
    const options: RunnerOptions = { session, migrations: migrationsOf(uniqueMail) };
    await up(options);
    await app('hset', 'users:b', 'mail', 'one');
    await follow(options, { once: true });
    expect((await status(options)).versions).toMatchObject({ collections: [{ refused: 1 }] });
    expect(await app('exists', 'users_v1:b')).toBe(0);
    await expect(switchVersions(options, { what: 'reads' })).rejects.toMatchObject({
      code: 'CHECK_FAILED',
      message: expect.stringMatching(/users_email has "one" already/),
    });
    await app('hset', 'users:b', 'mail', 'two');
    await switchVersions(options, { what: 'reads' });
    expect(String(await app('hget', 'users_v1:b', 'email'))).toBe('two');
    expect((await status(options)).versions).toMatchObject({ collections: [{ refused: 0 }] });
  });

  it('keep the expiry of rows that are carried over', async () => {
    await using stage = await connected();
    const { session, app } = stage;
    await app('hset', 'users:a', 'mail', 'one');
    const options: RunnerOptions = { session, migrations: migrationsOf(uniqueMail) };
    await up(options);
    await app('hset', 'users:b', 'mail', 'two');
    await app('pexpireat', 'users:b', 4_000_000_000_000);
    await follow(options, { once: true });
    expect(await app('pexpiretime', 'users_v1:b')).toBe(4_000_000_000_000);
    expect(await app('pexpiretime', 'users_v1:a')).toBe(-1);
  });
});

it('a split is refused before anything is changed, and workers are said not to help', async () => {
  await using stage = await connected();
  const { session, app } = stage;
  await app('hset', 'users:a', 'mail', 'one', 'street', 's');
  const split = { ...uniqueMail, data: { split: [{ into: 'addresses', fields: ['street'] }] } } as const;
  await expect(up({ session, migrations: migrationsOf(split) })).rejects.toMatchObject({
    code: 'CHECK_FAILED',
    message: expect.stringContaining('users cannot be split or merged with addresses online'),
  });
  expect(Object.keys((await session.introspect()).collections)).toEqual(['users']);
  const [migration] = migrationsOf({ ...uniqueMail, data: { ...uniqueMail.data, workers: 4 } });
  const checks = await session.operations.online_change!.check(migration!.operations[0] as never);
  expect(checks.filter(({ status }) => status !== 'PASS')).toMatchObject([{ check: 'workers', status: 'WARNING' }]);
});
