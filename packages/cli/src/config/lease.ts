import type { Config } from './config-schema.ts';

/** Milliseconds that the lock outlives a run that died; undefined where the configuration, or its absence, leaves that to the default. */
export function leaseMs(config: Pick<Config, 'lease_seconds'> | undefined): number | undefined {
  return config?.lease_seconds === undefined ? undefined : config.lease_seconds * 1000;
}
