import { resolve } from 'node:path';
import { type GivenThrottle, throttleFileVariable, throttleFromEnvironment } from '@polyshift/core';
import type { LoadedConfig } from './load-config.ts';

/** What the limits of batch work are taken from, beside the journal; without a configuration the environment has a say too. */
type ThrottlePlaces = Pick<LoadedConfig, 'environment'> & Partial<Pick<LoadedConfig, 'config' | 'folder'>>;

/**
 * The limits of batch work that stand in the environment, in the configuration, and the file that either names; that of the environment wins. Throws USAGE where a
 * variable has a bad value.
 */
export function configuredThrottle({ config, folder, environment }: ThrottlePlaces): GivenThrottle {
  const named = environment[throttleFileVariable];
  const file = config?.throttle_file === undefined ? undefined : resolve(folder ?? '', config.throttle_file);
  return {
    configuration: { ...(config?.pause_ms === undefined ? {} : { pause_ms: config.pause_ms }), ...config?.throttle },
    environment: throttleFromEnvironment(environment),
    file: named ? resolve(named) : file,
  };
}
