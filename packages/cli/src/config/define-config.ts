import type { ConfigInput } from './config-schema.ts';

/** Gives a configuration in TypeScript its types: `export default defineConfig({ stores: { ... } })` in polyshift.config.ts. */
export function defineConfig(config: ConfigInput): ConfigInput {
  return config;
}
