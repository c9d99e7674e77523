import { test } from 'vitest';
import { sharedServer } from '../../src/servers/shared-server.ts';

const server = await sharedServer('redis');

test('is still at work when the run is ended from outside', async () => {
  process.stdout.write(`url ${server.url}\n`);
  await new Promise(() => {});
});
