import { type ErrorPlace, errorEntries, isPolyshiftError, PolyshiftError } from '@polyshift/core';

/** An error as data that goes from a worker to the run. */
export interface WorkerError {
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
  readonly place: ErrorPlace | undefined;
  readonly retryable: boolean;
}

/** An error as data; one that is none of ours is INTERNAL. */
export function errorData(error: unknown): WorkerError {
  if (isPolyshiftError(error)) {
    const { code, message, hint, place, retryable } = error;
    return { code, message, hint, place, retryable };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'INTERNAL', message, hint: undefined, place: undefined, retryable: false };
}

/** The error that the data were made of. */
export function errorFrom({ code, message, hint, place, retryable }: WorkerError): PolyshiftError {
  const known = Object.hasOwn(errorEntries, code) ? (code as PolyshiftError['code']) : 'INTERNAL';
  return new PolyshiftError(known, message, {
    ...(hint === undefined ? {} : { hint }),
    ...(place === undefined ? {} : { place }),
    retryable,
  });
}
