import type { OwnModule, OwnSpec } from '@polyshift/etl';
import { loadConfig } from '../config/load-config.ts';
import { readEnvironment } from '../config/read-environment.ts';
import { specOf } from './open-spec.ts';

/** What a thread reads its spec and its configuration with: what the command has read them with. */
interface ThreadSpec {
  readonly cwd: string;
  readonly environment: Readonly<NodeJS.ProcessEnv>;
  /** The file of the configuration; undefined where there is none. */
  readonly config: string | undefined;
  /** The file of the spec, as the command was given it. */
  readonly file: string;
}

/** This module, for the threads of a load. */
export function threadSpec(data: ThreadSpec): OwnModule {
  return { module: import.meta.url, data };
}

/**
 * Reads the spec in a thread: functions, adapters and connections are its own. Throws what `loadConfig` and `loadSpec` throw.
 *
 * @public called by its name in threads
 */
export async function ownSpec(data: unknown): Promise<OwnSpec> {
  const { cwd, environment, config: file, file: spec } = data as ThreadSpec;
  const config = file === undefined ? undefined : await loadConfig({ cwd, environment, file });
  const variables = config?.environment ?? (await readEnvironment(cwd, environment, cwd));
  return await specOf({ config, environment: variables, cwd }, spec);
}
