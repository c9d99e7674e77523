import { MongoClient } from 'mongodb';
import { describe, expect, inject, test } from 'vitest';
import { isPortFree } from '../src/servers/free-port.ts';
import { freshDatabase } from '../src/servers/fresh-database.ts';
import { startServer } from '../src/servers/start-server.ts';

async function withClient<T>(url: string, use: (client: MongoClient) => Promise<T>): Promise<T> {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 10_000 });
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

const insert = (url: string) => withClient(url, (client) => client.db().collection('docs').insertOne({ answer: 42 }));
const count = (url: string) => withClient(url, (client) => client.db().collection('docs').countDocuments());

describe("the run's MongoDB", () => {
  const server = { store: 'mongodb', url: inject('mongodbUrl') } as const;

  test('says when it is a stand-in', () => {
    expect(inject('mongodbDescription').includes('stand-in')).toBe(inject('mongodbKind') === 'stand_in');
  });

  test('gives fresh databases that do not see each other, and drops them', async () => {
    await using first = await freshDatabase(server);
    await using second = await freshDatabase(server);
    await insert(first.url);
    expect([await count(first.url), await count(second.url)]).toEqual([1, 0]);
    await first.drop();
    const names = await withClient(server.url, async (client) =>
      (await client.db().admin().listDatabases()).databases.map((db) => db.name),
    );
    expect(names).not.toContain(first.name);
  });
});

describe('a MongoDB of its own', () => {
  test('comes back on the same port after SIGKILL, and frees the port when it stops', async () => {
    await using server = await startServer('mongodb', { kinds: ['native', 'stand_in'], standIn: { maxHeap: '256m' } });
    const { process } = server;
    if (!process) throw new Error(`${server.description} is no child process`);
    const url = (await freshDatabase(server)).url;
    await insert(url);

    const { pid } = process;
    await process.kill();
    const port = Number(/:(\d+)\//.exec(server.url)?.[1]);
    expect(await isPortFree(port)).toBe(true);
    await process.restart();
    expect(process.pid).not.toBe(pid);
    // A genuine mongod recovers from its journal; the stand-in keeps its data in memory and says so.
    expect(await count(url)).toBe(process.keepsData ? 1 : 0);

    await server.stop();
    expect(await isPortFree(port)).toBe(true);
  });
});
