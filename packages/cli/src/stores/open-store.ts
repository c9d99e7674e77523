import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import {
  defaultLeaseMs,
  type ExitCode,
  loadMigrations,
  type Migration,
  migrationLock,
  type StoreSession,
  whileAnswering,
} from '@polyshift/core';
import type { CommandContext } from '../command/define-command.ts';
import { type ChosenStore, chooseStore } from '../config/choose-store.ts';
import { leaseMs } from '../config/lease.ts';
import { type LoadedConfig, loadConfig } from '../config/load-config.ts';
import { migrationsFolder, migrationsOfStore } from '../migrations/store-migrations.ts';
import { connectStore } from './connect-store.ts';
import { refuseAdapterOutside } from './load-adapter.ts';

/** A store that a command works on, connected. */
export interface OpenStore {
  readonly loaded: LoadedConfig;
  readonly chosen: ChosenStore;
  /** The migrations of this store, in order. */
  readonly migrations: readonly Migration[];
  readonly session: StoreSession;
}

/** The flags that choose configuration and store. */
export interface StoreFlags {
  readonly config: string | undefined;
  readonly store: string | undefined;
}

/** What differs between commands. */
export interface StoreAccess {
  /** Whether the command only looks; see `ConnectOptions.read_only`. */
  readonly read_only?: boolean;
  /** Default: `loadMigrations`. */
  readonly readMigrations?: (folder: string, cwd: string) => Promise<Migration[]>;
}

/**
 * Reads configuration and migrations, connects, does `work`, and disconnects. Files are read first, so that a fault in them is told without
 * a connection. Throws what these throw, and CONNECTION_LOST when the store answers nothing any more.
 */
export async function withStore(
  { host }: CommandContext,
  flags: StoreFlags,
  work: (store: OpenStore) => Promise<ExitCode>,
  { read_only = false, readMigrations = loadMigrations }: StoreAccess = {},
): Promise<ExitCode> {
  const loaded = await loadConfig({ cwd: host.cwd, environment: host.environment, file: flags.config });
  const chosen = chooseStore(loaded, flags.store);
  refuseAdapterOutside({ type: chosen.store.type, folder: loaded.folder });
  const folder = migrationsFolder(loaded, chosen.name);
  const migrations = migrationsOfStore(await readMigrations(folder, host.cwd), loaded, chosen.name);
  await using session = await connectStore({
    type: chosen.store.type,
    url: chosen.store.url,
    options: chosen.options,
    folder: loaded.folder,
    read_only,
    place: (key) => chosen.document.place([key]),
  });
  // Commands that take no lock would wait for a half-open connection for ever.
  const limit_ms = leaseMs(loaded.config) ?? defaultLeaseMs;
  const ask = () => session.locks.read(migrationLock);
  return await whileAnswering({ ask, limit_ms }, () => work({ loaded, chosen, migrations, session }));
}

/** The same for commands that have something to say of a store without migrations too: a folder of them that is not there is an empty one, and is told. */
export async function withAnyStore(
  context: CommandContext,
  flags: StoreFlags,
  work: (store: OpenStore) => Promise<ExitCode>,
  access: Pick<StoreAccess, 'read_only'> = {},
): Promise<ExitCode> {
  const readMigrations = async (folder: string, cwd: string): Promise<Migration[]> => {
    if (existsSync(folder)) return loadMigrations(folder, cwd);
    context.output.note(`There is no folder of migrations ${relative(cwd, folder)}: none is known beside the history.`);
    return [];
  };
  return withStore(context, flags, work, { ...access, readMigrations });
}
