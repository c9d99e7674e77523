import { z } from 'zod';
import { configSchema } from './config-schema.ts';

/** The JSON Schema (draft 2020-12) of the configuration, for editors: `schemas/config.schema.json` in the package. */
export function configJsonSchema(): Record<string, unknown> {
  return {
    ...z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any', reused: 'ref' }),
    title: 'polyshift configuration',
  };
}
