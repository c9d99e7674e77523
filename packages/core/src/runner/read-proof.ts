import { type Check, fail } from '../checks/check.ts';
import { isPolyshiftError } from '../errors/polyshift-error.ts';

const checks: Readonly<Record<string, string>> = { UNKNOWN_COLLECTION: 'collection_exists', UNKNOWN_FIELD: 'field_exists' };

/**
 * Reads a proof. A collection or field that is not there, which reading may throw as an error, is a check that has failed: what the change
 * made, or what it was made on, is gone. Throws whatever else reading throws.
 */
export async function readProof(read: () => Promise<readonly Check[]>): Promise<readonly Check[]> {
  try {
    return await read();
  } catch (error) {
    const check = isPolyshiftError(error) ? checks[error.code] : undefined;
    if (!isPolyshiftError(error) || check === undefined) throw error;
    return [fail(check, error.message, 'Put back what is missing, or take the migration back.', { code: error.code })];
  }
}
