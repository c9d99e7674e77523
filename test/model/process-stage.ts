import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoreSession } from '@polyshift/core';
import { freshDatabase } from '@polyshift/testkit';
import { type WatchedCommand, watchCommand } from '@polyshift/testkit/faults';
import { sharedServer } from '@polyshift/testkit/vitest';
import { Client } from 'pg';
import { commandFile } from '../command/command.ts';
import { keyOf, type MatrixStore } from '../matrix/stores.ts';
import { contentOf, firstContent } from './content.ts';

/** Rows that the spec loads. */
export const loadedRows = 60;

/** A folder with a configuration, migrations and a spec, for the command as a process of its own. */
export interface ProcessStage extends AsyncDisposable {
  readonly session: StoreSession;
  /** Starts the command; it waits at the place with that number where one is given. */
  start(parameters: readonly string[], stop_at?: number): WatchedCommand;
}

/** A database of a store, its lock outliving a dead process for one second, and a PostgreSQL database to load from. */
export async function openProcessStage(store: MatrixStore): Promise<ProcessStage> {
  const source = await freshDatabase(await sharedServer('postgresql'), 'concurrent_source');
  const target = await freshDatabase(await sharedServer(store.server), 'concurrent');
  const session = await store.adapter.connect(target.url);
  const folder = await mkdtemp(join(tmpdir(), 'polyshift-concurrent-'));
  await writeSource(source.url);
  await writeProject(folder, store, source.url, target.url);
  return {
    session,
    start: (parameters, stop_at) =>
      watchCommand({ cwd: folder, env: {}, script: commandFile, parameters }, stop_at === undefined ? {} : { stop_at }),
    [Symbol.asyncDispose]: async () => {
      await session.close();
      await target.drop();
      await source.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function writeSource(url: string): Promise<void> {
  const sql = new Client({ connectionString: url });
  await sql.connect();
  await sql.query('CREATE TABLE letters (id int PRIMARY KEY, text text NOT NULL)');
  await sql.query(`INSERT INTO letters SELECT n, 'letter ' || n FROM generate_series(1, ${loadedRows}) n`);
  await sql.end();
}

async function writeProject(folder: string, { adapter }: MatrixStore, source: string, target: string): Promise<void> {
  await mkdir(join(folder, 'migrations'));
  const stores = { main: { type: adapter.store, url: target }, source: { type: 'postgresql', url: source } };
  const config = { stores, default_store: 'main', migrations: 'migrations', lease_seconds: 1 };
  await writeFile(join(folder, 'polyshift.config.yaml'), JSON.stringify(config));
  const key = keyOf(adapter);
  const indexes = adapter.capabilities.operations.create_index.supported;
  const contents = [firstContent, contentOf('append', 1), contentOf('wide', 2), contentOf('rename', 3, 'a0')];
  for (const [index, content] of contents.entries()) {
    const migration = { store: 'main', operations: content.operations(key, indexes) };
    await writeFile(join(folder, 'migrations', `000${index + 1}_m.json`), JSON.stringify(migration));
  }
  const spec = {
    name: 'letters',
    source: { store: 'source' },
    target: { store: 'main' },
    concurrency: 1,
    steps: [
      { type: 'extract', source_table: 'letters', batch_size: 10 },
      { type: 'transform', transformation_rules: { [key]: 'id', text: 'text' } },
      { type: 'load', target_table: 'letters', batch_size: 10 },
    ],
  };
  await writeFile(join(folder, 'letters.yaml'), JSON.stringify(spec));
}
