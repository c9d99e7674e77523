import { PolyshiftError } from '@polyshift/core';
import { MongoServerError } from 'mongodb';
import { idList, idOf } from '../bson/id.ts';

/** Tries to write documents that the application writes too, before it is an error. */
export const maxRounds = 10;

/** The error of documents that the application keeps writing. */
export function contention(collection: string, ids: readonly unknown[]): PolyshiftError {
  return new PolyshiftError('STORE_BUSY', `the application keeps writing the same documents of ${collection}: ${idList(ids)}`, {
    retryable: true,
  });
}

/**
 * Throws what makes a transaction start again: a document that it has read was deleted before it was written. A transaction of MongoDB itself reads
 * one snapshot and ends in a write conflict there; one that reads what is committed now, as on servers that stand in for it, does not
 * find the document any more.
 */
export function deletedMeanwhile(collection: string, document: Buffer): never {
  const error = new MongoServerError({
    message: `the application has deleted ${idList([idOf(document)])} of ${collection} in the middle of a transaction`,
    code: 112,
  });
  error.addErrorLabel('TransientTransactionError');
  throw error;
}
