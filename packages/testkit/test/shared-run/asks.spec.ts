import { expect, test } from 'vitest';
import { sharedServer } from '../../src/servers/shared-server.ts';

const server = await sharedServer('redis');

test('has a server', async () => {
  process.stdout.write(`url ${server.url}\n`);
  expect(await sharedServer('redis')).toBe(server);
});
