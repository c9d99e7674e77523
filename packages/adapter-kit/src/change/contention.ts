import { PolyshiftError } from '@polyshift/core';
import type { RowFailure, RowKey, WriteOutcome } from '../row-store.ts';
import { keyList } from './key-text.ts';

/** Rounds in which a row may have been changed by somebody else before its own change came. */
export const maxRounds = 20;

/** The application writes the same rows all the time. */
export function contention(collection: string, keys: readonly RowKey[]): PolyshiftError {
  return new PolyshiftError('STORE_BUSY', `the application writes rows of ${collection} all the time: ${keyList(keys)}`, {
    hint: 'Run again when there is less traffic; nothing of it is lost.',
    retryable: true,
  });
}

/** Whether an outcome is what the store has against a row. */
export function isFailure(outcome: WriteOutcome): outcome is RowFailure {
  return typeof outcome === 'object';
}

/** Throws for the first row that the store refuses: an operation is done for all rows or taken back. */
export function refuseFailures(collection: string, keys: readonly RowKey[], outcomes: readonly WriteOutcome[]): void {
  const position = outcomes.findIndex(isFailure);
  if (position < 0) return;
  const { code, message } = outcomes[position] as RowFailure;
  throw new PolyshiftError(code, `${collection}: the row ${keyList([keys[position]!])} cannot be written: ${message}`);
}
