import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadMigrations, type RunnerOptions, type StoreSession } from '@polyshift/core';
import { type FreshDatabase, freshDatabase } from '@polyshift/testkit';
import { sharedServer } from '@polyshift/testkit/vitest';
import { keyOf, type MatrixStore } from '../matrix/stores.ts';
import type { Model } from './model.ts';

/** Milliseconds that the lock of a run outlives it here, where the run is to die. */
export const shortLease = 800;

/** Milliseconds to wait for the lock of a dead run: much longer than its lease, for a busy machine. */
const patience = 60_000;

/** Milliseconds to wait for a paused run's lock, which on some stores is kept by an open transaction. */
export const takeOverPatience = 10_000;

/** A database of its own with a folder of migrations: what the model is held against. */
export class ModelStage implements AsyncDisposable {
  readonly store: MatrixStore;
  /** A connection that no command kills. */
  readonly session: StoreSession;
  /** States of the store as they were seen first, by what stood in it then. */
  readonly seen = new Map<string, unknown>();
  private readonly database: FreshDatabase;
  private readonly folder: string;

  private constructor(store: MatrixStore, session: StoreSession, database: FreshDatabase, folder: string) {
    this.store = store;
    this.session = session;
    this.database = database;
    this.folder = folder;
  }

  /** An empty database on a server of the test run. */
  static async open(store: MatrixStore): Promise<ModelStage> {
    const database = await freshDatabase(await sharedServer(store.server), 'model');
    const session = await store.adapter.connect(database.url);
    return new ModelStage(store, session, database, await mkdtemp(join(tmpdir(), 'polyshift-model-')));
  }

  /** The name of the key of every row. */
  get key(): string {
    return keyOf(this.store.adapter);
  }

  /** Another connection, as another process would have. */
  connect(): Promise<StoreSession> {
    return this.store.adapter.connect(this.database.url);
  }

  /** What a command works with: the files of the model, written and read again. It waits for the lock of a dead run. */
  async options(model: Model, session = this.session): Promise<RunnerOptions> {
    const folder = join(this.folder, 'migrations');
    await mkdir(folder, { recursive: true });
    for (const name of await readdir(folder)) await rm(join(folder, name));
    const indexes = this.store.adapter.capabilities.operations.create_index.supported;
    for (const [version, content] of model.files) {
      const operations = content.operations(this.key, indexes);
      await writeFile(join(folder, `${version}_m.json`), JSON.stringify({ operations }));
    }
    return { session, migrations: await loadMigrations(folder, folder), wait_ms: patience, lease_ttl_ms: 20_000 };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.session.close();
    await this.database.drop();
    await rm(this.folder, { recursive: true, force: true });
  }
}
