import { nameSchema, throttleSchema } from '@polyshift/core';
import { lintSettingsSchema } from '@polyshift/lint/settings';
import { z } from 'zod';
import { engineSchema } from './engine-schema.ts';

/** The options of a connection that every adapter takes. */
const storeOptions = {
  type: z
    .string()
    .min(1)
    .describe('postgresql, mongodb, ...; or the package, or the file beginning with ./, whose default export is an adapter'),
  url: z.string().min(1).describe('its URL; ${NAME} and ${NAME:-default} are expanded from the environment and from .env'),
  connect_timeout_ms: z
    .int()
    .min(1)
    .optional()
    .describe('milliseconds until a server that does not answer is an error; default 10000'),
  application_name: z.string().min(1).optional().describe('shown by the server in its list of connections; default polyshift'),
  driver: z.record(z.string(), z.json()).optional().describe('options of the driver, passed on: TLS and the like'),
  migrations: z
    .string()
    .min(1)
    .optional()
    .describe('a folder of migrations for this store alone, relative to the configuration; else they are told apart by `store`'),
};

/** One entry of `stores`. Adapters may take further options. */
export const storeSchema = z.looseObject(storeOptions).describe('a store: its type, its URL and the options of its adapter');

/** One entry of `stores`, checked. */
export type StoreConfig = z.output<typeof storeSchema>;

/** The keys of a store that polyshift reads itself; all others belong to the adapter. */
export const storeKeys: readonly string[] = Object.keys(storeOptions);

/** The schema of `polyshift.config.{yaml,json,ts}`. */
export const configSchema = z
  .strictObject({
    $schema: z.string().optional().describe('the JSON Schema of this file, for editors'),
    stores: z
      .record(nameSchema, storeSchema)
      .refine((stores) => Object.keys(stores).length > 0, 'needs at least one store')
      .describe('the stores, by names of your choice'),
    default_store: nameSchema.optional().describe('the store that commands take without --store; not needed where there is one'),
    migrations: z
      .string()
      .min(1)
      .default('migrations')
      .describe('the folder of migrations, relative to this file; default migrations'),
    lease_seconds: z.number().min(1).max(3600).optional().describe('seconds that the lock outlives a run that died; default 30'),
    keep_undo_days: z
      .number()
      .min(0)
      .optional()
      .describe(
        'days that what the rollback of an applied version needs is kept; when `up` has finished it deletes what is older, once it is proven. Default: for ever',
      ),
    keep_undo_bytes: z
      .int()
      .min(0)
      .optional()
      .describe(
        'bytes that the undo of all versions may take; when `up` has finished it deletes that of the oldest versions beyond it, once it is proven, but never of the newest. Default: no limit',
      ),
    lint: lintSettingsSchema.optional(),
    pause_ms: z
      .int()
      .min(0)
      .optional()
      .describe('milliseconds to pause after each batch, to spare the store: the same as pause_ms under throttle; default 0'),
    throttle: throttleSchema
      .optional()
      .describe(
        'what holds batch work back; `polyshift throttle`, a file and the environment win over it, and can change it while a run works',
      ),
    engine: engineSchema.optional(),
    throttle_file: z
      .string()
      .min(1)
      .optional()
      .describe(
        'a file with the keys of `throttle`, YAML or JSON, relative to the configuration: it is read again whenever it changes while a run works',
      ),
  })
  .superRefine((config, context) => {
    if (config.pause_ms !== undefined && config.throttle?.pause_ms !== undefined) {
      context.addIssue({
        code: 'custom',
        path: ['throttle', 'pause_ms'],
        message: 'pause_ms stands there twice, here and at the top: keep one of them',
      });
    }
    if (config.default_store !== undefined && !Object.hasOwn(config.stores, config.default_store)) {
      context.addIssue({
        code: 'custom',
        path: ['default_store'],
        message: `there is no store "${config.default_store}" under stores: ${Object.keys(config.stores).join(', ')}`,
      });
    }
  })
  .describe('The configuration of polyshift');

/** A configuration, defaults filled in. */
export type Config = z.output<typeof configSchema>;

/** A configuration as users write it. */
export type ConfigInput = z.input<typeof configSchema>;
