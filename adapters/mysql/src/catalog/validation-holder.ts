import type { JsonObject } from '@polyshift/core';
import { checkCondition, type TableConstraint } from './create-statement.ts';

/** Constraints whose names begin so belong to the validation schema of their table. */
export const validationPrefix = 'polyshift_validation_';

/**
 * The condition of the check that holds the validation schema as it was written: always true, in Base64, which needs no quoting. So the schema
 * travels with the table, also through a dump, and needs no place of its own.
 */
export function holderCondition(definition: object): string {
  return `'${Buffer.from(JSON.stringify(definition)).toString('base64')}' IS NOT NULL`;
}

/** The validation schema that a table's constraints carry, if any. */
export function readValidation(constraints: readonly TableConstraint[]): JsonObject | undefined {
  for (const { name, definition } of constraints) {
    if (!name.startsWith(validationPrefix)) continue;
    const encoded = /^\(*(?:_\w+)?\\?'([A-Za-z0-9+/=]+)\\?' is not null\)*$/i.exec(checkCondition(definition))?.[1];
    if (encoded !== undefined) return JSON.parse(Buffer.from(encoded, 'base64').toString()) as JsonObject;
  }
  return undefined;
}
