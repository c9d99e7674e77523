import { z } from 'zod';
import { specSchema } from './spec.ts';

/** The JSON Schema (draft 2020-12) of an ETL spec as users write it, for editors: `schemas/spec.schema.json` in the package. */
export function specJsonSchema(): Record<string, unknown> {
  return {
    ...z.toJSONSchema(specSchema, { io: 'input', unrepresentable: 'any' }),
    title: 'polyshift ETL spec',
  };
}
