import { z } from 'zod';
import { specSchema } from './spec.ts';

/** The JSON Schema (draft 2020-12) of an ETL spec as users write it, for editors: `schemas/spec.schema.json` in the package. */
export function specJsonSchema(): Record<string, unknown> {
  return {
    ...z.toJSONSchema(specSchema, {
      io: 'input',
      unrepresentable: 'any',
      override: ({ jsonSchema }) => {
        // Only TypeScript can hold a function.
        if (jsonSchema.oneOf) jsonSchema.oneOf = jsonSchema.oneOf.filter((form) => !isFunctionCheck(form));
      },
    }),
    title: 'polyshift ETL spec',
  };
}

function isFunctionCheck({ properties }: { readonly properties?: Record<string, unknown> | undefined }): boolean {
  return (properties?.['check'] as { const?: string } | undefined)?.const === 'function';
}
