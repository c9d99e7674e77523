import type { Check } from '@polyshift/core';
import { fail, isPolyshiftError } from '@polyshift/core';

const names: Readonly<Record<string, string>> = {
  UNKNOWN_COLLECTION: 'collection_exists',
  UNKNOWN_FIELD: 'field_exists',
  ALREADY_EXISTS: 'name_free',
  CONVERSION_FAILED: 'values_convert',
  INVALID_SYNTAX: 'statement_valid',
  STATEMENT_FAILED: 'statement_valid',
};

/** Runs checks; a name that is missing or taken, which reading throws as an error, becomes a failed check. */
export async function collectChecks(read: () => Promise<Check[]>): Promise<Check[]> {
  try {
    return await read();
  } catch (error) {
    if (!isPolyshiftError(error) || !names[error.code]) throw error;
    return [fail(names[error.code]!, error.message, error.hint ?? 'Correct the operation.', { code: error.code })];
  }
}
