import { PolyshiftError } from '@polyshift/core';
import { idList } from '../bson/id.ts';

/** Tries to write documents that the application writes too, before it is an error. */
export const maxRounds = 10;

/** The error of documents that the application keeps writing. */
export function contention(collection: string, ids: readonly unknown[]): PolyshiftError {
  return new PolyshiftError('STORE_BUSY', `the application keeps writing the same documents of ${collection}: ${idList(ids)}`, {
    retryable: true,
  });
}
