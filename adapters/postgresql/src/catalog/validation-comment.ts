import type { JsonObject } from '@polyshift/core';

/** Constraints whose names begin so belong to the validation schema of their table. */
export const validationPrefix = 'polyshift_validation';

/**
 * A constraint that is always true and whose comment holds the validation schema as it was written: it travels with the table, also
 * through a dump, and needs no place of its own.
 */
export const validationHolder = validationPrefix;

/** The validation schema that a table's constraints carry, if any. */
export function readValidation(constraints: readonly { name: string; comment: string | null }[]): JsonObject | undefined {
  const comment = constraints.find((constraint) => constraint.name === validationHolder)?.comment;
  if (comment == null) return undefined;
  try {
    return JSON.parse(comment) as JsonObject;
  } catch {
    // Somebody has rewritten the comment: the constraints still hold, what they came from is not known any more.
    return undefined;
  }
}
