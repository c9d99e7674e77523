import type { Check } from '@polyshift/core';
import { fail, isPolyshiftError } from '@polyshift/core';
import type { Connection } from '../connection.ts';
import type { Database } from '../database.ts';

const names: Readonly<Record<string, string>> = {
  UNKNOWN_COLLECTION: 'collection_exists',
  UNKNOWN_FIELD: 'field_exists',
  ALREADY_EXISTS: 'name_free',
  CONVERSION_FAILED: 'values_convert',
  CONSTRAINT_VIOLATED: 'values_convert',
  INVALID_SYNTAX: 'statement_valid',
  STATEMENT_FAILED: 'statement_valid',
};

/** Runs checks; a name that is missing or taken, or a refusal of the server on trial, which is thrown as an error, becomes a failed check. */
export async function collectChecks(database: Database, read: (connection: Connection) => Promise<Check[]>): Promise<Check[]> {
  try {
    return await database.use(read);
  } catch (error) {
    if (!isPolyshiftError(error) || !names[error.code]) throw error;
    return [fail(names[error.code]!, error.message, error.hint ?? 'Correct the operation.', { code: error.code })];
  }
}
