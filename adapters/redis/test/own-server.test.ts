import { portableColumn, type SinkTarget } from '@polyshift/core';
import { redis } from '@polyshift/redis';
import { startServer } from '@polyshift/testkit';
import { expect, it } from 'vitest';
import { send } from '../src/store.ts';
import { connectedTo } from './connected.ts';

const columns = [portableColumn('id', { kind: 'int64' }, false), portableColumn('text', { kind: 'text' })];
const target: SinkTarget = {
  collection: 'big',
  columns,
  dynamic: false,
  key: ['id'],
  mode: 'insert',
  on_loss: 'nearest',
  aside: 'big',
};

it('a full server is an error that may pass, and the load goes on where it stopped once there is room', async () => {
  await using server = await startServer('redis', {
    kinds: ['native'],
    settings: { maxmemory: '4mb', 'maxmemory-policy': 'noeviction' },
  });
  await using it = await connectedTo(server.url, async () => undefined);
  const { sink } = it.session;
  const { undo } = await sink!.plan(target);
  await using writer = await sink!.open(target, undo);
  const rows = Array.from({ length: 4000 }, (_, index) => [BigInt(index), String(index).padEnd(2000, 'x')]);
  const { batch } = writer.encode({ kind: 'rows', columns, rows });
  await expect(writer.write(batch, { replay: false })).rejects.toMatchObject({ code: 'STORE_FULL', retryable: true });

  await send(it.store, 'config', 'set', 'maxmemory', '0');
  const result = await writer.write(batch, { replay: true });
  expect(result.inserted + result.already_there).toBe(4000);
  expect(result.already_there).toBeGreaterThan(0);
  expect(await it.session.count('big')).toBe(4000);

  await send(it.store, 'config', 'set', 'requirepass', 'geheim');
  await expect(redis.connect(server.url)).rejects.toMatchObject({ code: 'AUTHENTICATION_FAILED' });
  const wrong = await redis.connect(server.url.replace('//', '//:falsch@')).catch((error: Error) => error);
  expect(wrong).toMatchObject({ code: 'AUTHENTICATION_FAILED' });
  expect(JSON.stringify(wrong) + String((wrong as Error).stack)).not.toContain('falsch');
  await using session = await redis.connect(server.url.replace('//', '//:geheim@'));
  expect(session.server).toMatchObject({
    product: 'Redis',
    features: { cluster: false, append_only_file: true, writable: true },
  });
});

it('goes on after the server was killed and is back', async () => {
  await using server = await startServer('redis', { kinds: ['native'], settings: { appendfsync: 'always' } });
  await using it = await connectedTo(server.url, async () => undefined);
  await it.app('hset', 'users:1', 'name', 'Ada');
  await server.process!.kill('SIGKILL');
  await expect(it.session.count('users')).rejects.toMatchObject({ code: 'CONNECTION_LOST', retryable: true });
  await server.process!.restart();
  await expect.poll(() => it.session.count('users').catch(() => 0), { timeout: 10_000 }).toBe(1);
});
