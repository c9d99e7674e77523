import { relative, resolve } from 'node:path';
import { checkDocument, expandEnvironment, PolyshiftError, type SourceDocument } from '@polyshift/core';
import type { Engine } from '@polyshift/etl';
import { engineSchema, type QueueEngine, type ThreadsEngine } from '../config/engine-schema.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import { importFromProject } from '../stores/import-from-project.ts';
import { threadSpec } from './thread-spec.ts';

/** What the package of an engine gives. */
type EngineModule = typeof import('@polyshift/engine-bullmq');

/** The package of the engine, by its type. */
const packages: Readonly<Record<QueueEngine['type'], string>> = { bullmq: '@polyshift/engine-bullmq' };

/** The queue of a configuration with the environment filled in; undefined where chunks run in the process of the load. Throws MISSING_ENVIRONMENT with the place. */
export function queueEngine(loaded: LoadedConfig): QueueEngine | undefined {
  const engine = settingOf(loaded);
  return engine?.type === 'bullmq' ? engine : undefined;
}

/** The engine of a configuration; undefined for the local one. */
function settingOf({ config, document, environment }: LoadedConfig): QueueEngine | ThreadsEngine | undefined {
  if (config.engine === undefined || config.engine === 'local') return undefined;
  if (config.engine === 'threads') return { type: 'threads' };
  const entry: SourceDocument = {
    file: document.file,
    content: config.engine,
    place: (path) => document.place(['engine', ...path]),
  };
  const engine = checkDocument(engineSchema, entry, expandEnvironment(entry, environment));
  return typeof engine === 'string' ? undefined : engine;
}

/** Loads the package of an engine, only when it is needed. Throws FILE_NOT_FOUND that says what to install. */
export async function engineModule({ type }: QueueEngine, { folder, document }: LoadedConfig): Promise<EngineModule> {
  const name = packages[type];
  const module = await importFromProject(name, folder);
  if (module) return module as unknown as EngineModule;
  throw new PolyshiftError('FILE_NOT_FOUND', `the engine ${type} needs the package ${name}, which is not installed`, {
    place: document.place(['engine', 'type']),
    hint: `Install it: npm install ${name}`,
  });
}

/** What decides which engine a load has. */
export interface EngineChoice {
  readonly config: LoadedConfig | undefined;
  readonly cwd: string;
  readonly environment: Readonly<NodeJS.ProcessEnv>;
  /** The file of the spec, as it was named. */
  readonly file: string;
  /** Threads that the command asks for, whatever the configuration says. */
  readonly threads?: number | undefined;
}

/** The engine for the load of a spec; undefined where chunks run in this process. Workers find the spec by its path from the folder of the configuration. */
export async function engineOf({ config, cwd, environment, file, threads }: EngineChoice): Promise<Engine | undefined> {
  const setting = threads === undefined ? config && settingOf(config) : { type: 'threads' as const, threads };
  if (!setting) return undefined;
  if (setting.type === 'threads') {
    const { threadsEngine } = await import('@polyshift/etl');
    const path = config && resolve(cwd, config.document.file);
    return threadsEngine(setting, threadSpec({ cwd, environment: { ...environment }, config: path, file }));
  }
  const { bullmqEngine } = await engineModule(setting, config!);
  return bullmqEngine(setting, { spec_file: relative(config!.folder, resolve(cwd, file)) });
}
