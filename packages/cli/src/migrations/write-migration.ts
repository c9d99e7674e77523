import { join, relative } from 'node:path';
import { operationTypes, PolyshiftError } from '@polyshift/core';
import { defaultStoreName, storeName } from '../config/choose-store.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import { sqlMigration, typescriptMigration, yamlMigration } from '../templates/migration-template.ts';
import { schemaReference } from '../templates/schema-reference.ts';
import { writeNewFile } from '../templates/write-new-file.ts';
import { nextVersion } from './next-version.ts';
import { migrationsFolder } from './store-migrations.ts';

/** The migration to write. */
export interface NewMigration {
  /** In snake_case. */
  readonly name: string;
  readonly format: 'yaml' | 'ts' | 'sql';
  /** The value of `--store`. */
  readonly store: string | undefined;
  readonly cwd: string;
}

/** Writes the next migration of a store. Throws UNKNOWN_STORE, USAGE where the store is not clear, and ALREADY_EXISTS. */
export async function writeMigration(
  loaded: LoadedConfig,
  { name, format, store, cwd }: NewMigration,
): Promise<{ version: string; files: string[] }> {
  const owner = storeName(loaded, store);
  const folder = migrationsFolder(loaded, owner);
  const ownFolder = loaded.config.stores[owner]?.migrations !== undefined;
  const named = ownFolder || owner === defaultStoreName(loaded) ? undefined : owner;
  if (format === 'sql' && named !== undefined) {
    throw new PolyshiftError('USAGE', `an SQL file cannot say that it belongs to the store "${named}"`, {
      place: loaded.document.place(['stores', named]),
      hint: `Give that store a folder of its own: \`migrations: migrations/${named}\` under stores.${named}.`,
    });
  }
  const version = await nextVersion(folder);
  const base = join(folder, `${version}_${name}`);
  const files = contents(base, format, { name, store: named, project: loaded.folder });
  for (const [path, text] of Object.entries(files)) {
    if (!(await writeNewFile(path, text, cwd))) {
      throw new PolyshiftError('ALREADY_EXISTS', `${relative(cwd, path)} is there already`, { hint: 'Run the command again.' });
    }
  }
  return { version, files: Object.keys(files) };
}

function contents(
  base: string,
  format: NewMigration['format'],
  { name, store, project }: { name: string; store: string | undefined; project: string },
): Record<string, string> {
  if (format === 'sql') {
    const { up, down } = sqlMigration(name);
    return { [`${base}.up.sql`]: up, [`${base}.down.sql`]: down };
  }
  const path = `${base}.${format}`;
  const head = {
    store,
    schema: schemaReference(path, project, '@polyshift/core/schemas/migration.schema.json'),
    types: operationTypes,
  };
  return { [path]: format === 'ts' ? typescriptMigration(head) : yamlMigration(head) };
}
