import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { checkDocument, PolyshiftError, readSourceDocument, type SourceDocument } from '@polyshift/core';
import { type Config, configSchema } from './config-schema.ts';
import { readEnvironment } from './read-environment.ts';

/** The names a configuration may have. */
const configNames = ['yaml', 'yml', 'json', 'ts', 'mts', 'js', 'mjs'].map((extension) => `polyshift.config.${extension}`);

/** A configuration that was read and checked; `${NAME}` is not expanded yet, so that only the variables of the chosen store are needed. */
export interface LoadedConfig {
  readonly config: Config;
  readonly document: SourceDocument;
  /** The folder of the file; paths inside it are relative to that. */
  readonly folder: string;
  /** The variables of the process and, where it has none of a name, of `.env` beside the configuration. */
  readonly environment: Readonly<NodeJS.ProcessEnv>;
}

/** Where the configuration is looked for. */
export interface ConfigPlace {
  readonly cwd: string;
  readonly environment: Readonly<NodeJS.ProcessEnv>;
  /** The value of `--config`. */
  readonly file: string | undefined;
}

/**
 * Reads the configuration: the file named, else the one in the working folder. Throws FILE_NOT_FOUND where there is none, INVALID_SYNTAX and
 * INVALID_DOCUMENT with the line, and INVALID_DOCUMENT where the folder has two.
 */
export async function loadConfig(place: ConfigPlace): Promise<LoadedConfig> {
  const path = place.file === undefined ? findConfig(place.cwd) : resolve(place.cwd, place.file);
  if (path === undefined) {
    throw new PolyshiftError('FILE_NOT_FOUND', `there is no ${configNames[0]} in ${place.cwd}`, {
      hint: '`polyshift init` writes one; --config FILE names one elsewhere.',
    });
  }
  const document = await readSourceDocument(path, place.cwd);
  const folder = dirname(path);
  return {
    config: checkDocument(configSchema, document),
    document,
    folder,
    environment: await readEnvironment(folder, place.environment, place.cwd),
  };
}

/** The configuration in a folder, or undefined. */
export function findConfig(folder: string): string | undefined {
  const found = configNames.filter((name) => existsSync(join(folder, name)));
  if (found.length > 1) {
    throw new PolyshiftError('INVALID_DOCUMENT', `there are ${found.length} configurations: ${found.join(', ')}`, {
      place: { file: found[0]! },
      hint: 'Keep one of them, or name one by --config FILE.',
    });
  }
  return found[0] === undefined ? undefined : join(folder, found[0]);
}
