import { isAbsolute, relative, resolve } from 'node:path';
import { PolyshiftError } from '@polyshift/core';
import type { EmitEtl, OwnSpec } from '@polyshift/etl';
import type { LoadedConfig } from '../config/load-config.ts';
import { specOf } from './open-spec.ts';

/**
 * Makes what reads the specs of a worker, by their paths from the folder of the configuration. A job names one, and a spec may be code: one outside that folder is
 * not read. Throws FILE_NOT_FOUND, and what `loadSpec` throws.
 */
export function ownSpecs(config: LoadedConfig, cwd: string, emit: EmitEtl): (file: string) => Promise<OwnSpec> {
  return async (file) => {
    const path = resolve(config.folder, file);
    const from = relative(config.folder, path);
    if (from.startsWith('..') || isAbsolute(from)) {
      throw new PolyshiftError('FILE_NOT_FOUND', `a job names the spec ${file}, outside the folder of the configuration`, {
        hint: 'Keep specs that workers run in the folder of the configuration, or below.',
      });
    }
    const { loaded, dependencies } = await specOf({ config, environment: config.environment, cwd }, path);
    return { loaded, dependencies: { ...dependencies, emit } };
  };
}
