import { type ErrorCode, isNetworkError, isPolyshiftError, PolyshiftError } from '@polyshift/core';

/** Which code an error has, and whether the same call may pass later. */
export interface Classification {
  readonly code: ErrorCode;
  readonly retryable: boolean;
}

const lost: Classification = { code: 'CONNECTION_LOST', retryable: true };
const busy: Classification = { code: 'STORE_BUSY', retryable: true };
const once = (code: ErrorCode): Classification => ({ code, retryable: false });

/** The service took the request and did nothing, because too much was asked of it: the same request may be sent again. */
const throttled = new Set([
  'ProvisionedThroughputExceededException',
  'ProvisionedThroughputExceeded',
  'ThrottlingException',
  'ThrottlingError',
  'RequestLimitExceeded',
  'RequestThrottledException',
  'TransactionConflictException',
  'TransactionConflict',
  'TransactionInProgressException',
  'ReplicatedWriteConflictException',
  // Of a table that has just been made.
  'ContinuousBackupsUnavailableException',
]);

/** What the service's own names of errors mean; those that are not here are STATEMENT_FAILED. */
const byName: Readonly<Record<string, Classification>> = {
  LimitExceededException: busy,
  ResourceInUseException: busy,
  TableInUseException: busy,
  InternalServerError: busy,
  InternalFailure: busy,
  ServiceUnavailable: busy,
  ServiceUnavailableException: busy,
  TimeoutError: lost,
  RequestTimeout: lost,
  RequestTimeoutException: lost,
  ResourceNotFoundException: once('UNKNOWN_COLLECTION'),
  TableNotFoundException: once('UNKNOWN_COLLECTION'),
  IndexNotFoundException: once('UNKNOWN_FIELD'),
  TableAlreadyExistsException: once('ALREADY_EXISTS'),
  DuplicateItemException: once('DUPLICATE_KEY'),
  AccessDeniedException: once('PERMISSION_DENIED'),
  UnknownOperationException: once('UNSUPPORTED_OPERATION'),
  // No want of room that passes: the items of one partition key may be 10 GB in a table with local indexes.
  ItemCollectionSizeLimitExceededException: once('CONSTRAINT_VIOLATED'),
  UnrecognizedClientException: once('AUTHENTICATION_FAILED'),
  InvalidSignatureException: once('AUTHENTICATION_FAILED'),
  IncompleteSignatureException: once('AUTHENTICATION_FAILED'),
  IncompleteSignature: once('AUTHENTICATION_FAILED'),
  MissingAuthenticationTokenException: once('AUTHENTICATION_FAILED'),
  MissingAuthenticationToken: once('AUTHENTICATION_FAILED'),
  ExpiredTokenException: once('AUTHENTICATION_FAILED'),
  ExpiredToken: once('AUTHENTICATION_FAILED'),
  InvalidClientTokenId: once('AUTHENTICATION_FAILED'),
  TokenRefreshRequired: once('AUTHENTICATION_FAILED'),
  CredentialsProviderError: once('AUTHENTICATION_FAILED'),
};

/** ValidationException has one name for everything; its words tell what one row did wrong. */
const byWords: readonly (readonly [RegExp, Classification])[] = [
  [/exceeded the maximum allowed size|item size/i, once('CONVERSION_FAILED')],
  [/nesting levels/i, once('CONVERSION_FAILED')],
  [
    /precision up to|converted? into a number|cannot be converted to a numeric|number (over|under)flow/i,
    once('CONVERSION_FAILED'),
  ],
  [/index key|secondary index|invalid attribute value type|type mismatch for/i, once('CONSTRAINT_VIOLATED')],
  // The expiry of a table can be changed once an hour.
  [/modified multiple times within a fixed interval/i, busy],
  [/invalid table\/index name/i, once('INVALID_DOCUMENT')],
];

/** Which code a driver's error has, and whether it may pass when tried again. */
export function classify(error: unknown): Classification {
  if (isPolyshiftError(error)) return { code: error.code, retryable: error.retryable };
  const { name, message } = (error ?? {}) as { name?: string; message?: string };
  if (isThrottled(error)) return busy;
  if (name !== undefined && Object.hasOwn(byName, name)) return byName[name]!;
  if (name === 'ValidationException') {
    const found = byWords.find(([words]) => words.test(message ?? ''));
    if (found) return found[1];
  }
  if (isNetworkError(error, ['EAI_AGAIN'])) return lost;
  const status = (error as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode;
  return status !== undefined && status >= 500 ? busy : once('STATEMENT_FAILED');
}

/** Whether the service did nothing because it was asked for too much: the request may be sent again, whatever it does. */
export function isThrottled(error: unknown): boolean {
  if (throttled.has(String((error as { name?: unknown } | undefined)?.name))) return true;
  const reasons = cancellations(error);
  return reasons.some((reason) => throttled.has(reason)) && reasons.every((reason) => reason === 'None' || throttled.has(reason));
}

/** Why each part of a transaction was refused, in order; empty where the error is no cancelled transaction. */
export function cancellations(error: unknown): string[] {
  const reasons = (error as { CancellationReasons?: { Code?: string }[] } | undefined)?.CancellationReasons;
  return reasons?.map((reason) => reason.Code ?? 'None') ?? [];
}

/** Whether an error has one of the service's names. */
export function hasName(error: unknown, ...names: string[]): boolean {
  return names.includes(String((error as { name?: unknown } | undefined)?.name));
}

/** Whether there is no such table. */
export function isNoTable(error: unknown): boolean {
  return hasName(error, 'ResourceNotFoundException', 'TableNotFoundException');
}

/** The error as it leaves the adapter; `doing` tells in a few words what was asked of the service. */
export function toPolyshiftError(error: unknown, doing?: string): PolyshiftError {
  if (isPolyshiftError(error)) return error;
  const { code, retryable } = classify(error);
  const { name, message } = error instanceof Error ? error : { name: '', message: String(error) };
  const named = name === '' || name === 'Error' ? '' : ` (${name})`;
  return new PolyshiftError(code, `${doing ? `${doing}: ` : ''}${message}${named}`, {
    retryable,
    cause: error,
    ...(code === 'PERMISSION_DENIED' ? { hint: 'Allow the action that the message names, on all tables of the prefix.' } : {}),
  });
}
