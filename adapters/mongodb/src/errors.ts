import { type ErrorCode, isNetworkError, isPolyshiftError, PolyshiftError } from '@polyshift/core';
import {
  MongoClientClosedError,
  MongoError,
  MongoExpiredSessionError,
  MongoNetworkError,
  MongoNetworkTimeoutError,
  MongoNotConnectedError,
  MongoParseError,
  MongoServerError,
  MongoServerSelectionError,
  MongoTopologyClosedError,
} from 'mongodb';

/** Which code an error has, and whether the same call may pass later. */
export interface Classification {
  readonly code: ErrorCode;
  readonly retryable: boolean;
}

const lost: Classification = { code: 'CONNECTION_LOST', retryable: true };
const busy: Classification = { code: 'STORE_BUSY', retryable: true };
const once = (code: ErrorCode): Classification => ({ code, retryable: false });

/** What the server's error codes mean; those that are not here are STATEMENT_FAILED. */
const byCode: ReadonlyMap<number, Classification> = new Map<number, Classification>([
  ...[6, 7, 89, 91, 189, 234, 262, 317, 9001, 10058, 10107, 11600, 11602, 13435, 13436].map((code) => [code, lost] as const),
  ...[24, 43, 46, 50, 112, 117, 225, 237, 239, 244, 246, 251, 267, 12586, 12587, 16500].map((code) => [code, busy] as const),
  ...[11000, 11001, 12582].map((code) => [code, once('DUPLICATE_KEY')] as const),
  ...[48, 68, 85, 86, 10026].map((code) => [code, once('ALREADY_EXISTS')] as const),
  ...[59, 115, 238, 40324, 303].map((code) => [code, once('UNSUPPORTED_OPERATION')] as const),
  ...[18, 8000, 11].map((code) => [code, once('AUTHENTICATION_FAILED')] as const),
  [13, once('PERMISSION_DENIED')],
  [26, once('UNKNOWN_COLLECTION')],
  [121, once('CONSTRAINT_VIOLATED')],
  [241, once('CONVERSION_FAILED')],
  [168, once('INVALID_EXPRESSION')],
  // No room on the disk: it passes when somebody makes some, as with every other store.
  [14031, { code: 'STORE_FULL', retryable: true }],
]);

/** The same by name, for servers that leave the number out. */
const byCodeName: Readonly<Record<string, Classification>> = {
  AuthenticationFailed: once('AUTHENTICATION_FAILED'),
  CommandNotFound: once('UNSUPPORTED_OPERATION'),
  DocumentValidationFailure: once('CONSTRAINT_VIOLATED'),
  DuplicateKey: once('DUPLICATE_KEY'),
  NamespaceNotFound: once('UNKNOWN_COLLECTION'),
  NotWritablePrimary: lost,
  Unauthorized: once('PERMISSION_DENIED'),
  WriteConflict: busy,
};

/** The connection was closed, or its session ran out, before the call. */
const gone = [MongoClientClosedError, MongoNotConnectedError, MongoTopologyClosedError, MongoExpiredSessionError];

/** Codes of a stream that the driver still writes to when its connection is cut. */
const brokenStream = ['ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END'];

/** Which code a driver's error has, and whether it may pass when tried again. */
export function classify(error: unknown): Classification {
  if (isPolyshiftError(error)) return { code: error.code, retryable: error.retryable };
  if (error instanceof MongoServerSelectionError) {
    const inner = innerErrors(error).find((each) => each instanceof MongoServerError);
    return inner ? classify(inner) : lost;
  }
  if (error instanceof MongoNetworkError || error instanceof MongoNetworkTimeoutError) return lost;
  if (error instanceof MongoError) {
    if (error.hasErrorLabel('TransientTransactionError')) return busy;
    const known = byCode.get(Number(error.code)) ?? byCodeName[String((error as MongoServerError).codeName)];
    if (known) return known;
    if (error.hasErrorLabel('RetryableWriteError') || error.hasErrorLabel('ResetPool')) return lost;
    if (error.hasErrorLabel('SystemOverloadedError')) return busy;
    if (error instanceof MongoParseError) return once('CONNECTION_FAILED');
    if (gone.some((each) => error instanceof each)) return lost;
    return once('STATEMENT_FAILED');
  }
  if (isNetworkError(error, brokenStream)) return lost;
  return once('STATEMENT_FAILED');
}

/** What the servers of a failed selection have said. */
function innerErrors(error: MongoServerSelectionError): unknown[] {
  const servers = error.reason?.servers;
  return servers ? [...servers.values()].flatMap((server) => (server.error ? [server.error, server.error.cause] : [])) : [];
}

/** The error as it leaves the adapter; `doing` tells in a few words what was asked of the server. */
export function toPolyshiftError(error: unknown, doing?: string): PolyshiftError {
  if (isPolyshiftError(error)) return error;
  const { code, retryable } = classify(error);
  const message = error instanceof Error ? error.message : String(error);
  const name = error instanceof MongoServerError ? ((error.codeName as string | undefined) ?? error.code) : undefined;
  const text = `${doing ? `${doing}: ` : ''}${message}${name === undefined ? '' : ` (${name})`}`;
  return new PolyshiftError(code, text, {
    retryable,
    cause: error,
    ...(code === 'PERMISSION_DENIED'
      ? { hint: 'Grant the user of the URL the role readWrite and dbAdmin on this database.' }
      : {}),
  });
}

/** What the server's code of an error of one document means. */
export function classifyCode(code: number): Classification {
  return byCode.get(code) ?? once('STATEMENT_FAILED');
}

/** Whether an error carries one of the server's codes. */
export function hasCode(error: unknown, ...codes: number[]): boolean {
  return codes.includes(Number((error as { code?: unknown } | undefined)?.code));
}
