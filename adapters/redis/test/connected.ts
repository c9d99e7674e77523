import {
  type AnyOperationInput,
  checkOperation,
  down,
  type Migration,
  migrationChecksum,
  type StoreSession,
  up,
} from '@polyshift/core';
import { freshDatabase } from '@polyshift/testkit';
import { sharedServer } from '@polyshift/testkit/vitest';
import { connectStore } from '../src/connect.ts';
import { openSession } from '../src/session.ts';
import { type Command, type Reply, type Store, send } from '../src/store.ts';

/** A prefix of keys of its own on the shared server, with the adapter connected to it. */
export interface Connected extends AsyncDisposable {
  readonly url: string;
  readonly store: Store;
  readonly session: StoreSession;
  /** Sends a command as an application would, on a key below the prefix: its name, the key, the rest. */
  app(name: string, key: string, ...parameters: (string | number | Buffer)[]): Promise<Reply>;
}

/** Connects to the shared server; `keysInMemory` as in `connectStore`. */
export async function connected(keysInMemory?: number): Promise<Connected> {
  const database = await freshDatabase(await sharedServer('redis'), 'redis');
  return connectedTo(database.url, () => database.drop(), keysInMemory);
}

/** Connects to any server. */
export async function connectedTo(url: string, drop: () => Promise<void>, keysInMemory?: number): Promise<Connected> {
  const store = await connectStore(url, {}, keysInMemory);
  const session = openSession(store);
  return {
    url,
    store,
    session,
    app: (name, key, ...parameters) =>
      send(store, ...([name, `${store.keys.prefix}${key}`, ...parameters] as unknown as Command)),
    async [Symbol.asyncDispose]() {
      await session.close();
      await drop();
    },
  };
}

/** Migrations of one operation each, numbered from 1. */
export function migrationsOf(...inputs: readonly AnyOperationInput[]): Migration[] {
  return inputs.map((input, index) => {
    const operations = [checkOperation(input)];
    const version = String(index + 1);
    return { version, name: `test_${version}`, operations, checksum: migrationChecksum({ operations }), file: `${version}.json` };
  });
}

/** Applies operations, each as a migration of its own, and gives what takes the last ones back. */
export async function applied(
  session: StoreSession,
  ...inputs: readonly AnyOperationInput[]
): Promise<{ back(to?: string): Promise<void> }> {
  const migrations = migrationsOf(...inputs);
  await up({ session, migrations });
  return {
    async back(to = '0') {
      await down({ session, migrations }, { to });
    },
  };
}
