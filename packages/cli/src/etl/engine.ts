import { relative, resolve } from 'node:path';
import { checkDocument, expandEnvironment, PolyshiftError, type SourceDocument } from '@polyshift/core';
import type { Engine } from '@polyshift/etl';
import { engineSchema, type QueueEngine } from '../config/engine-schema.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import { importFromProject } from '../stores/import-from-project.ts';

/** What the package of an engine gives. */
type EngineModule = typeof import('@polyshift/engine-bullmq');

/** The package of the engine, by its type. */
const packages: Readonly<Record<QueueEngine['type'], string>> = { bullmq: '@polyshift/engine-bullmq' };

/** The engine of a configuration with the environment filled in; undefined where chunks run in the process of the load. Throws MISSING_ENVIRONMENT with the place. */
export function queueEngine({ config, document, environment }: LoadedConfig): QueueEngine | undefined {
  if (config.engine === undefined || config.engine === 'local') return undefined;
  const entry: SourceDocument = {
    file: document.file,
    content: config.engine,
    place: (path) => document.place(['engine', ...path]),
  };
  const engine = checkDocument(engineSchema, entry, expandEnvironment(entry, environment));
  return engine === 'local' ? undefined : engine;
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

/** The engine for the load of a spec; undefined where chunks run in this process. Workers find the spec by its path from the folder of the configuration. */
export async function engineOf(config: LoadedConfig | undefined, cwd: string, file: string): Promise<Engine | undefined> {
  const settings = config && queueEngine(config);
  if (!settings) return undefined;
  const { bullmqEngine } = await engineModule(settings, config);
  return bullmqEngine(settings, { spec_file: relative(config.folder, resolve(cwd, file)) });
}
