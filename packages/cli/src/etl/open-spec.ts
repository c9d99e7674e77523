import { dirname, resolve } from 'node:path';
import { faultHook } from '@polyshift/core';
import { type EtlDependencies, type LoadedSpec, loadSpec } from '@polyshift/etl';
import type { CommandContext } from '../command/define-command.ts';
import { chooseStore } from '../config/choose-store.ts';
import { leaseMs } from '../config/lease.ts';
import { findConfig, type LoadedConfig, loadConfig } from '../config/load-config.ts';
import { readEnvironment } from '../config/read-environment.ts';
import { configuredThrottle } from '../config/throttle.ts';
import { loadAdapter } from '../stores/load-adapter.ts';

/** A spec, and what the commands about it work with. */
export interface OpenSpec {
  readonly loaded: LoadedSpec;
  readonly dependencies: EtlDependencies;
  /** Undefined where there is none. */
  readonly config: LoadedConfig | undefined;
}

/** What the flags say. */
export interface SpecFlags {
  readonly config: string | undefined;
  readonly wait?: number | undefined;
}

/**
 * Reads a spec, and the configuration where there is one: specs can name its stores, and its `.env` counts. Without a configuration `.env` of the
 * working folder does. Throws what these throw.
 */
export async function openSpec({ host, signal }: CommandContext, flags: SpecFlags, file: string): Promise<OpenSpec> {
  const { cwd } = host;
  const hasConfig = flags.config !== undefined || findConfig(cwd) !== undefined;
  const config = hasConfig ? await loadConfig({ cwd, environment: host.environment, file: flags.config }) : undefined;
  const environment = config?.environment ?? (await readEnvironment(cwd, host.environment, cwd));
  const opened = await specOf({ config, environment, cwd }, file);
  const wait_ms = flags.wait === undefined ? undefined : flags.wait * 1000;
  return { ...opened, config, dependencies: { ...opened.dependencies, signal, wait_ms } };
}

/** Reads a spec under a configuration that has been read, or none. Throws what `loadSpec` throws. */
export async function specOf(
  { config, environment, cwd }: Pick<LoadedConfig, 'environment'> & { config: LoadedConfig | undefined; cwd: string },
  file: string,
): Promise<Omit<OpenSpec, 'config'>> {
  const loaded = await loadSpec(file, { cwd, environment });
  return {
    loaded,
    dependencies: {
      resolveAdapter: (type) => loadAdapter({ type, folder: config?.folder ?? dirname(resolve(cwd, file)) }),
      stores: config ? configuredStores(config) : {},
      lease_ttl_ms: leaseMs(config?.config),
      throttle: configuredThrottle({ ...config, environment }),
      fault: faultHook(),
    },
  };
}

/** The stores by name. Each is filled from the environment when it is looked at, so that only those in use need their variables. */
function configuredStores(config: LoadedConfig): NonNullable<EtlDependencies['stores']> {
  const stores = {};
  for (const name of Object.keys(config.config.stores)) {
    Object.defineProperty(stores, name, {
      enumerable: true,
      get() {
        const { store, options } = chooseStore(config, name);
        return { type: store.type, url: store.url, options };
      },
    });
  }
  return stores;
}
