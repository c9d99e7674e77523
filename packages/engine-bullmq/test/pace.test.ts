import { startServer, type TestServer } from '@polyshift/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectRedis } from '../src/connect.ts';
import { Pace } from '../src/pace.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer('redis', { kinds: ['native'] });
});
afterAll(() => server.stop());

it('all workers of a queue share a limit, and a queue of another name has its own', async () => {
  const queue = `pace-${process.pid}`;
  const clients = await Promise.all([1, 2, 3].map(() => connectRedis(server.url, { maxRetriesPerRequest: null })));
  try {
    const signal = new AbortController().signal;
    const startedAt = performance.now();
    // The rows of the last one wait for those of the eleven before it: 1.1 s.
    await Promise.all(
      clients.flatMap((client) => Array.from({ length: 4 }, () => new Pace(client, queue).wait(100, 1000, signal))),
    );
    expect(performance.now() - startedAt).toBeGreaterThan(1050);
    const [other] = clients;
    const ttl = await other!.pttl(`bull:${queue}:pace`);
    expect(ttl).toBeGreaterThan(0);
    expect(await other!.exists(`bull:other-${queue}:pace`)).toBe(0);
  } finally {
    for (const client of clients) client.disconnect();
  }
});

it('whoever is asked to stop waits no longer', async () => {
  const client = await connectRedis(server.url, { maxRetriesPerRequest: null });
  try {
    const stop = new AbortController();
    const pace = new Pace(client, `stop-${process.pid}`);
    await pace.wait(1_000_000, 1, stop.signal);
    const waiting = pace.wait(1, 1, stop.signal);
    stop.abort();
    await expect(waiting).resolves.toBeUndefined();
  } finally {
    client.disconnect();
  }
});

it('while Redis is away nobody writes; when it is back it goes on', async () => {
  const client = await connectRedis(server.url, { maxRetriesPerRequest: null });
  try {
    await server.process!.kill();
    let passed = false;
    const waiting = new Pace(client, `away-${process.pid}`).wait(1, 1000, new AbortController().signal).then(() => {
      passed = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(passed).toBe(false);
    await server.process!.restart();
    await waiting;
  } finally {
    client.disconnect();
  }
});

it('a Redis that is not there is an error at once', async () => {
  await expect(connectRedis('redis://127.0.0.1:1', {})).rejects.toMatchObject({ code: 'CONNECTION_FAILED', retryable: true });
});
