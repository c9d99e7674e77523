import {
  type AnyOperationInput,
  checkOperation,
  follow,
  type Migration,
  migrationChecksum,
  type RunEvent,
  type StoreSession,
} from '@polyshift/core';
import type { Stage } from './stage.ts';

/** Migrations of one operation each, as if they had been read from files: versions 0001, 0002, ... */
export function migrationsOf(...inputs: readonly AnyOperationInput[]): Migration[] {
  return inputs.map((input, index) => {
    const operations = [checkOperation(input)];
    const version = String(index + 1).padStart(4, '0');
    return {
      version,
      name: `online_${version}`,
      operations,
      checksum: migrationChecksum({ operations }),
      file: `${version}.yaml`,
    };
  });
}

/** An online change of `users` with some operations. */
export function online(operations: readonly object[], more: object = {}, batch_size = 50): AnyOperationInput {
  return { type: 'online_change', collection: 'users', data: { operations, ...more }, batch_size } as AnyOperationInput;
}

/** What a run is given. */
export interface RunParts {
  readonly session: StoreSession;
  readonly migrations: Migration[];
  readonly fault?: (place: string) => void | Promise<void>;
  readonly emit?: (event: RunEvent) => void;
}

/** Carries over what was written to either version so far, as `polyshift follow --once` does. */
export async function caughtUp(runner: RunParts): Promise<void> {
  await follow(runner, { once: true });
}

/** The collections of a database without those of the journal. */
export async function collections(stage: Stage): Promise<string[]> {
  const listed = await stage.store.db.listCollections({}, { nameOnly: true }).toArray();
  return listed
    .map(({ name }) => name)
    .filter((name) => !/^(polyshift_(steps|runs|lock|meta|checkpoints)|schema_versions)$/.test(name))
    .sort();
}
