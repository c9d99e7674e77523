import { startServer } from '@polyshift/testkit';

/** Starts a MongoDB that nobody has used, for one run: the server, the URL of a database, and the processor seconds that it has used so far. */
export async function freshMongodb(bench, database) {
  const server = await startServer('mongodb', { kinds: ['native', 'stand_in'], standIn: { maxHeap: '14g' } });
  const url = new URL(server.url);
  url.pathname = `/${database}`;
  return { server, url: url.href, used: await bench.serverSeconds(server) };
}
