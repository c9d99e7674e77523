export type { MigrationInput } from '@polyshift/core';
export { defineMigration } from '@polyshift/core';
export type { SpecInput } from '@polyshift/etl';
export { defineSpec } from '@polyshift/etl';
export { configJsonSchema } from './config/config-json-schema.ts';
export type { Config, ConfigInput } from './config/config-schema.ts';
export { defineConfig } from './config/define-config.ts';
export type { CommandReference, FlagReference } from './reference.ts';
export { commandReference } from './reference.ts';
