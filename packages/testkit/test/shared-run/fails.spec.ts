import { expect, test } from 'vitest';
import { sharedServer } from '../../src/servers/shared-server.ts';

const server = await sharedServer('redis');

test('fails', () => {
  process.stdout.write(`url ${server.url}\n`);
  expect(1).toBe(2);
});
