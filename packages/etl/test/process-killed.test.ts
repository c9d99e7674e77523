import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import mongodb from '@polyshift/mongodb';
import postgresql from '@polyshift/postgresql';
import { type FreshDatabase, freshDatabase } from '@polyshift/testkit';
import type {} from '@polyshift/testkit/vitest-global-setup';
import { MongoClient } from 'mongodb';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { type EtlRunReport, loadSpec, rollbackEtl, verifyEtl } from '../src/index.ts';

const packageFolder = fileURLToPath(new URL('..', import.meta.url));
let folder = '';
let source: FreshDatabase;
let target: FreshDatabase;
let client: MongoClient;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polyshift-etl-kill-'));
  source = await freshDatabase({ store: 'postgresql', url: inject('postgresqlUrl') }, 'etl');
  target = await freshDatabase({ store: 'mongodb', url: inject('mongodbUrl') }, 'etl');
  client = await new MongoClient(target.url).connect();
  const sql = new Client({ connectionString: source.url });
  await sql.connect();
  await sql.query(
    'CREATE TABLE items (id int PRIMARY KEY, name text); INSERT INTO items SELECT i, $$item $$ || i FROM generate_series(1, 3000) AS i',
  );
  await sql.end();
});

afterAll(async () => {
  await client?.close();
  await source?.drop();
  await target?.drop();
  await rm(folder, { recursive: true, force: true });
});

/** Runs the spec in a process of its own, from the built packages: `pnpm test` builds them first. */
async function run(
  file: string,
  place = '',
  times = 1,
): Promise<{ signal: string | null; report: EtlRunReport | undefined; errors: string }> {
  const script = join(packageFolder, 'test', 'process', 'run-spec.mjs');
  const child = spawn(process.execPath, [script, file, place, String(times)], {
    cwd: packageFolder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (data: Buffer) => {
    output += data.toString();
  });
  child.stderr.on('data', (data: Buffer) => {
    errors += data.toString();
  });
  const signal = await new Promise<string | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (_code, by) => resolve(by));
  });
  return { signal, report: output === '' ? undefined : (JSON.parse(output) as EtlRunReport), errors };
}

it.each([
  ['etl.after_record', 1],
  ['etl.before_write', 3],
  ['etl.after_write', 6],
  ['etl.after_checkpoint', 2],
  ['etl.before_finish', 1],
])('a process killed at %s (%i) leaves what the next one needs to finish, or to take it back', async (place, times) => {
  const name = `items_${place.replace('etl.', '')}`;
  const file = join(folder, `${name}.json`);
  const spec = {
    name,
    source: { type: 'postgresql', url: source.url },
    target: { type: 'mongodb', url: target.url },
    partitions: 2,
    steps: [
      { type: 'extract', source_table: 'items', batch_size: 300 },
      { type: 'load', target_table: name, batch_size: 100 },
    ],
  };
  await writeFile(file, JSON.stringify(spec));
  const killed = await run(file, place, times);
  expect([killed.signal, killed.errors]).toEqual(['SIGKILL', '']);
  const finished = await run(file);
  expect(finished.errors).toBe('');
  expect(finished.report).toMatchObject({ outcome: 'done', resumed: true, rows_read: 3000, rows_rejected: 0 });
  expect(await client.db().collection(name).countDocuments()).toBe(3000);
  const dependencies = { resolveAdapter: (type: string) => (type === 'postgresql' ? postgresql : mongodb) };
  expect((await verifyEtl(await loadSpec(file), dependencies)).ok).toBe(true);
  await rollbackEtl(await loadSpec(file), dependencies);
  expect(await client.db().listCollections({ name }).toArray()).toEqual([]);
});
