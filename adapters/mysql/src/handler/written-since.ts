import { isPolyshiftError, PolyshiftError } from '@polyshift/core';

/** An error of rows that break what rollback brings back, as what it is: written since. */
export function asWrittenSince(error: unknown, what: string): unknown {
  const broken =
    isPolyshiftError(error, 'DUPLICATE_KEY') ||
    isPolyshiftError(error, 'CONSTRAINT_VIOLATED') ||
    isPolyshiftError(error, 'CONVERSION_FAILED');
  if (!broken) return error;
  return new PolyshiftError('WRITTEN_SINCE', `Rows written since ${what} was taken away do not fit it: ${error.message}`, {
    hint: 'Correct or remove these rows, then roll back again.',
    cause: error,
  });
}
