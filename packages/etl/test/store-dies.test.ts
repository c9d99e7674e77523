import mongodb from '@polyshift/mongodb';
import postgresql from '@polyshift/postgresql';
import { freshDatabase, startServer, type TestServer } from '@polyshift/testkit';
import type {} from '@polyshift/testkit/vitest-global-setup';
import { MongoClient } from 'mongodb';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { type EtlDependencies, parseSpec, runEtl, type SpecInput, verifyEtl } from '../src/index.ts';

let server: TestServer;

beforeAll(async () => {
  // A server of its own: it is killed.
  server = await startServer('postgresql', { kinds: ['native'] });
});

afterAll(() => server?.stop());

/** More than the buffers between the two processes hold: else the source would have sent everything before it dies. */
async function itemsOf(url: string): Promise<void> {
  const sql = new Client({ connectionString: url });
  await sql.connect();
  await sql.query(
    'CREATE TABLE items (id int PRIMARY KEY, name text); INSERT INTO items SELECT i, repeat($$item $$ || i, 300) FROM generate_series(1, 10000) AS i',
  );
  await sql.end();
}

const specOf = (source: string, target: string): SpecInput => ({
  name: 'items',
  source: { type: 'postgresql', url: source },
  target: { type: 'mongodb', url: target },
  concurrency: 1,
  steps: [
    { type: 'extract', source_table: 'items', batch_size: 100 },
    { type: 'load', target_table: 'items', batch_size: 100 },
  ],
});

const dependencies = (more: Partial<EtlDependencies> = {}): EtlDependencies => ({
  resolveAdapter: (type) => (type === 'postgresql' ? postgresql : mongodb),
  retry_pause_ms: 50,
  lease_ttl_ms: 3000,
  ...more,
});

/** Kills the server at the n-th write. */
function killServerAt(write: number): Partial<EtlDependencies> {
  let left = write;
  return {
    fault: async (place) => {
      if (place === 'etl.after_write' && --left === 0) await server.process!.kill('SIGKILL');
    },
  };
}

it('a source that dies ends the run resumable; when it is back, the run goes on and nothing is missing', async () => {
  await using source = await freshDatabase(server, 'etl');
  await using target = await freshDatabase({ store: 'mongodb', url: inject('mongodbUrl') }, 'etl');
  await itemsOf(source.url);
  const spec = parseSpec(specOf(source.url, target.url));
  const error = await runEtl(spec, dependencies({ ...killServerAt(5), retries: 1 })).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: 'CONNECTION_LOST', exit: 5 });
  await server.process!.restart();
  const report = await runEtl(spec, dependencies());
  expect(report).toMatchObject({ resumed: true, rows_read: 10_000, rows_rejected: 0 });
  expect((await verifyEtl(spec, dependencies())).ok).toBe(true);
});

it('a source that comes back soon enough is connected to again by the same run', async () => {
  await using source = await freshDatabase(server, 'etl');
  await using target = await freshDatabase({ store: 'mongodb', url: inject('mongodbUrl') }, 'etl');
  await itemsOf(source.url);
  let restarting: Promise<unknown> = Promise.resolve();
  let reconnects = 0;
  const report = await runEtl(
    parseSpec(specOf(source.url, target.url)),
    dependencies({
      ...killServerAt(5),
      retries: 20,
      emit: (event) => {
        if (event.kind !== 'retry' || !event.reconnect) return;
        if (reconnects++ === 0) restarting = server.process!.restart();
      },
    }),
  );
  await restarting;
  expect(reconnects).toBeGreaterThan(0);
  expect(report).toMatchObject({ rows_read: 10_000, rows_rejected: 0 });
  const client = await new MongoClient(target.url).connect();
  expect(await client.db().collection('items').countDocuments()).toBe(10_000);
  await client.close();
});
