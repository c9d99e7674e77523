import { type ErrorCode, isNetworkError, isPolyshiftError, PolyshiftError } from '@polyshift/core';
import { errors, types } from 'cassandra-driver';

/** Which code an error has, and whether the same call may pass later. */
export interface Classification {
  readonly code: ErrorCode;
  readonly retryable: boolean;
}

const lost: Classification = { code: 'CONNECTION_LOST', retryable: true };
const busy: Classification = { code: 'STORE_BUSY', retryable: true };
const once = (code: ErrorCode): Classification => ({ code, retryable: false });
const codes = types.responseErrorCodes;

/** What the error codes of the protocol mean; those that are not here are STATEMENT_FAILED. */
const byCode: ReadonlyMap<number, Classification> = new Map<number, Classification>([
  [codes.badCredentials, once('AUTHENTICATION_FAILED')],
  [codes.unavailableException, busy],
  [codes.overloaded, busy],
  [codes.isBootstrapping, busy],
  [codes.writeTimeout, busy],
  [codes.readTimeout, busy],
  [codes.readFailure, busy],
  [codes.writeFailure, busy],
  [codes.truncateError, busy],
  // A conditional write of which the coordinator does not know whether it was done (CAS_WRITE_UNKNOWN).
  [0x1700, busy],
  // A write that the commit log of change data capture has no room for (CDC_WRITE_FAILURE).
  [0x1600, { code: 'STORE_FULL', retryable: true }],
  [codes.unauthorized, once('PERMISSION_DENIED')],
  [codes.syntaxError, once('INVALID_SYNTAX')],
  [codes.alreadyExists, once('ALREADY_EXISTS')],
]);

/** What the words of an invalid request mean, which all have one code. */
const byWords: readonly (readonly [RegExp, ErrorCode])[] = [
  [/unconfigured table|table \S+ does(?: not|n't) exist|keyspace \S+ does(?: not|n't) exist/i, 'UNKNOWN_COLLECTION'],
  [/undefined column name|unknown (?:identifier|column)|column \S+ was not found/i, 'UNKNOWN_FIELD'],
  [/already exists|duplicate index/i, 'ALREADY_EXISTS'],
];

/** Which code a driver's error has, and whether it may pass when tried again. */
export function classify(error: unknown): Classification {
  if (isPolyshiftError(error)) return { code: error.code, retryable: error.retryable };
  if (error instanceof errors.NoHostAvailableError) return noHost(error);
  if (error instanceof errors.AuthenticationError) return once('AUTHENTICATION_FAILED');
  if (error instanceof errors.ResponseError) return response(error);
  if (error instanceof errors.OperationTimedOutError || error instanceof errors.BusyConnectionError) return busy;
  if (isNetworkError(error)) return lost;
  const message = error instanceof Error ? error.message : '';
  // The driver has no class for these: a socket that closed under a request, and a client that was shut down.
  if (/socket was closed|connection (?:was )?closed|client is shutting down|after shutdown|has been shutdown/i.test(message))
    return lost;
  return once('STATEMENT_FAILED');
}

function response(error: errors.ResponseError): Classification {
  const known = byCode.get(error.code);
  if (known) return known;
  if (error.code === codes.serverError && /unavailable|timed out|schema agreement/i.test(error.message)) return busy;
  const words = byWords.find(([pattern]) => pattern.test(error.message));
  return once(words ? words[1] : 'STATEMENT_FAILED');
}

/** By the cause: what a node has answered, or that none could be reached. */
function noHost(error: errors.NoHostAvailableError): Classification {
  const inner = Object.values((error.innerErrors ?? {}) as Record<string, unknown>).filter((each) => each instanceof Error);
  const answered = inner.map(classify).find(({ code }) => code !== 'STATEMENT_FAILED' && code !== 'CONNECTION_LOST');
  return answered ?? lost;
}

/** The error as it leaves the adapter; `doing` tells in a few words what was asked of the store. */
export function toPolyshiftError(error: unknown, doing?: string): PolyshiftError {
  if (isPolyshiftError(error)) return error;
  const { code, retryable } = classify(error);
  const message = messageOf(error);
  return new PolyshiftError(code, `${doing ? `${doing}: ` : ''}${message}`, {
    retryable,
    cause: error,
    ...(code === 'PERMISSION_DENIED'
      ? { hint: 'Grant the role of the URL CREATE, ALTER, DROP, SELECT and MODIFY on this keyspace.' }
      : {}),
  });
}

/** The words of an error; of one that no host could help with, those of each host, for the driver puts the stack of the first into its own. */
function messageOf(error: unknown): string {
  if (!(error instanceof errors.NoHostAvailableError)) return error instanceof Error ? error.message : String(error);
  const hosts = Object.entries((error.innerErrors ?? {}) as Record<string, unknown>);
  if (hosts.length === 0) return error.message;
  return `no host can be used: ${hosts.map(([host, inner]) => `${host}: ${inner instanceof Error ? inner.message : String(inner)}`).join('; ')}`;
}

/** Whether a request took more time than the server or the driver gives it. */
export function timedOut(error: unknown): boolean {
  if (error instanceof errors.OperationTimedOutError) return true;
  return error instanceof errors.ResponseError && [codes.readTimeout, codes.writeTimeout].includes(error.code);
}

/** Whether a read has found no table of the name: what polyshift keeps is empty then. */
export function tableMissing(error: unknown): boolean {
  return error instanceof errors.ResponseError && response(error).code === 'UNKNOWN_COLLECTION';
}

/**
 * Whether the outcome of a write is unknown: the coordinator or the driver has given up waiting, and the write may still have been done or be
 * done later.
 */
export function outcomeUnknown(error: unknown): boolean {
  if (error instanceof errors.OperationTimedOutError) return true;
  if (error instanceof errors.ResponseError)
    return [codes.writeTimeout, codes.writeFailure, codes.readTimeout, 0x1700].includes(error.code);
  return classify(error).code === 'CONNECTION_LOST';
}
