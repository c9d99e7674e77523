import { type ErrorCode, isPolyshiftError, PolyshiftError } from '@polyshift/core';

/** By the driver's code; those of SQLite without what extends them (`SQLITE_BUSY_SNAPSHOT`). */
const codes: Readonly<Record<string, readonly [code: ErrorCode, retryable: boolean]>> = {
  ECONNRESET: ['CONNECTION_LOST', true],
  SQLITE_BUSY: ['STORE_BUSY', true],
  SQLITE_READONLY: ['PERMISSION_DENIED', false],
};

/** See `Adapter.classify`. */
export function classify(error: unknown): { code: ErrorCode; retryable: boolean } {
  const [primary] = /^(?:SQLITE_)?[A-Z]+/.exec(String((error as { code?: unknown } | undefined)?.code)) ?? [];
  const [code, retryable] = codes[primary ?? ''] ?? ['STATEMENT_FAILED', false];
  return { code, retryable };
}

/** An error of the driver as one of polyshift. */
export function translated(error: unknown): PolyshiftError {
  if (isPolyshiftError(error)) return error;
  return new PolyshiftError(classify(error).code, `SQLite: ${(error as Error).message}`, { cause: error, ...classify(error) });
}
