import { expect, inject, test } from 'vitest';
import { sharedServer } from '../../src/servers/shared-server.ts';

test('has the server that the configuration names', async () => {
  process.stdout.write(`url ${inject('redisUrl')}\n`);
  expect(await sharedServer('redis')).toMatchObject({ store: 'redis', url: inject('redisUrl'), kind: inject('redisKind') });
});
