import { resolve } from 'node:path';
import { type Migration, nearest, PolyshiftError } from '@polyshift/core';
import { defaultStoreName } from '../config/choose-store.ts';
import type { LoadedConfig } from '../config/load-config.ts';

/** The folder of a store's migrations: its own, or the one that stores share. */
export function migrationsFolder({ config, folder }: LoadedConfig, store: string): string {
  return resolve(folder, config.stores[store]?.migrations ?? config.migrations);
}

/**
 * The migrations of one store. In a folder that stores share, a migration belongs to the store that it names, else to the default one. Throws
 * UNKNOWN_STORE where it names none of the configuration, and INVALID_DOCUMENT where it names none and there is no default.
 */
export function migrationsOfStore(migrations: readonly Migration[], loaded: LoadedConfig, store: string): Migration[] {
  const names = Object.keys(loaded.config.stores);
  const fallback = loaded.config.stores[store]?.migrations === undefined ? defaultStoreName(loaded) : store;
  return migrations.filter((migration) => {
    const owner = migration.store ?? fallback;
    if (owner === undefined) {
      throw new PolyshiftError('INVALID_DOCUMENT', `${migration.file} does not say which store it belongs to`, {
        place: { file: migration.file, path: 'store' },
        hint: `Write \`store: NAME\` into it (${names.join(', ')}), or \`default_store\` into ${loaded.document.file}; SQL files can stand in a folder of their own, named by \`migrations\` of the store.`,
      });
    }
    if (!names.includes(owner)) {
      const near = nearest(owner, names);
      throw new PolyshiftError(
        'UNKNOWN_STORE',
        `${migration.file} is for the store "${owner}", which ${loaded.document.file} does not have`,
        {
          place: { file: migration.file, path: 'store' },
          hint: near ? `Did you mean "${near}"?` : `The stores are ${names.join(', ')}.`,
        },
      );
    }
    return owner === store;
  });
}
