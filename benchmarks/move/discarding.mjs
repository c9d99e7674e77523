import { startServer } from '@polyshift/testkit';
import { MongoClient } from 'mongodb';
import { discardingServer } from './discarding-server.mjs';
import { makeTable, table } from './table.mjs';

/** The database of the target that movers write to. */
export const database = 'bench';

/** Starts a server that throws the table's rows away in front of a MongoDB of the testkit. */
export async function startDiscarding(target) {
  const { hostname, port } = new URL(target.url);
  const server = await discardingServer({ host: hostname, port: Number(port) }, { database, collection: table });
  return { server, url: `mongodb://127.0.0.1:${server.port}/${database}?directConnection=true` };
}

/** What else was written is forgotten, so that the next mover finds nothing of this one. */
export async function forget(url) {
  const client = await new MongoClient(url).connect();
  await client.db(database).dropDatabase();
  await client.close();
}

/** A contender whose rows are counted and thrown away, by a server that says that it has written them. */
export function discarding(target, rows, parts) {
  return {
    ...parts,
    before: () => startDiscarding(target),
    async after({ server, url }) {
      if (server.inserted() !== rows) throw new Error(`${server.inserted()} documents came instead of ${rows}`);
      await forget(url);
    },
    end: (state) => state?.server.stop(),
  };
}

/** A source that has the table with so many rows, and the server that targets which throw rows away stand before. */
export async function startDiscardedMove(rows) {
  const source = await startServer('postgresql', { kinds: ['native'] });
  const target = await startServer('mongodb', { kinds: ['native', 'stand_in'] });
  await makeTable(source.url, rows);
  return { source, target, stop: () => Promise.all([source.stop(), target.stop()]) };
}
