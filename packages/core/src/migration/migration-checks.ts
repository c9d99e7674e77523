import { z } from 'zod';
import { checkDefinitionSchema } from '../checks/check-definition.ts';
import type { CustomCheck } from '../checks/custom-check.ts';

const customCheck = z.custom<CustomCheck>(
  (value) => {
    const check = value as Partial<CustomCheck> | null;
    return (
      typeof check === 'object' &&
      check?.check === 'function' &&
      typeof check.run === 'function' &&
      typeof check.name === 'string'
    );
  },
  { error: 'expected { check: "function", name, run }, which only TypeScript and JavaScript can hold' },
);

/** A check of a document: as data, or a function. The function is looked for first, so that an error in data names the field of the data. */
const check = z.unknown().transform((value, context) => {
  const isFunction = (value as { check?: unknown } | null)?.check === 'function';
  const result = (isFunction ? customCheck : checkDefinitionSchema).safeParse(value);
  if (result.success) return result.data;
  for (const issue of result.error.issues) context.issues.push({ ...issue, input: value } as never);
  return z.NEVER;
});

/** The checks of a migration file. */
export const migrationChecksSchema = z.strictObject({
  before: z.array(check).min(1).optional(),
  after: z.array(check).min(1).optional(),
});
