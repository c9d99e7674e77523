import { type ErrorCode, type ErrorDetails, isPolyshiftError, PolyshiftError } from '@polyshift/core';

/** What an error of the driver means. */
export interface Classification {
  readonly code: ErrorCode;
  readonly retryable: boolean;
}

const retry = (code: ErrorCode): Classification => ({ code, retryable: true });
const final = (code: ErrorCode): Classification => ({ code, retryable: false });

/** By SQLSTATE: the whole state first, else its class (the first two characters). */
const bySqlState: Readonly<Record<string, Classification>> = {
  '08': retry('CONNECTION_LOST'),
  '08001': retry('CONNECTION_FAILED'),
  '08004': final('CONNECTION_FAILED'),
  '0A': final('UNSUPPORTED_OPERATION'),
  '22': final('CONVERSION_FAILED'),
  '23': final('CONSTRAINT_VIOLATED'),
  '23505': final('DUPLICATE_KEY'),
  '25006': retry('STORE_FULL'),
  '25P03': retry('CONNECTION_LOST'),
  '25P04': retry('CONNECTION_LOST'),
  '28': final('AUTHENTICATION_FAILED'),
  '3D': final('CONNECTION_FAILED'),
  '3F': final('UNKNOWN_COLLECTION'),
  '40': retry('STORE_BUSY'),
  '42501': final('PERMISSION_DENIED'),
  '42601': final('INVALID_SYNTAX'),
  '42701': final('ALREADY_EXISTS'),
  '42703': final('UNKNOWN_FIELD'),
  '42710': final('ALREADY_EXISTS'),
  '42723': final('ALREADY_EXISTS'),
  '42804': final('CONVERSION_FAILED'),
  '42846': final('CONVERSION_FAILED'),
  '42P01': final('UNKNOWN_COLLECTION'),
  '42P04': final('ALREADY_EXISTS'),
  '42P06': final('ALREADY_EXISTS'),
  '42P07': final('ALREADY_EXISTS'),
  '44': final('CONSTRAINT_VIOLATED'),
  '53': retry('STORE_BUSY'),
  '53100': retry('STORE_FULL'),
  '55006': retry('STORE_BUSY'),
  '55P03': retry('STORE_BUSY'),
  '57014': retry('STORE_BUSY'),
  '57P01': retry('CONNECTION_LOST'),
  '57P02': retry('CONNECTION_LOST'),
  '57P03': retry('CONNECTION_FAILED'),
  '57P04': final('CONNECTION_LOST'),
  '57P05': retry('CONNECTION_LOST'),
  '58': retry('STORE_FULL'),
};

/** By the error codes of Node's sockets, resolver and TLS. */
const byNodeCode: Readonly<Record<string, Classification>> = {
  ECONNREFUSED: retry('CONNECTION_FAILED'),
  ENOTFOUND: final('CONNECTION_FAILED'),
  EAI_AGAIN: retry('CONNECTION_FAILED'),
  EHOSTUNREACH: retry('CONNECTION_FAILED'),
  ENETUNREACH: retry('CONNECTION_FAILED'),
  ENOENT: final('CONNECTION_FAILED'),
  ETIMEDOUT: retry('CONNECTION_LOST'),
  ECONNRESET: retry('CONNECTION_LOST'),
  ECONNABORTED: retry('CONNECTION_LOST'),
  EPIPE: retry('CONNECTION_LOST'),
  ERR_STREAM_PREMATURE_CLOSE: retry('CONNECTION_LOST'),
  ERR_STREAM_DESTROYED: retry('CONNECTION_LOST'),
  ERR_INVALID_URL: final('CONNECTION_FAILED'),
  DEPTH_ZERO_SELF_SIGNED_CERT: final('CONNECTION_FAILED'),
  SELF_SIGNED_CERT_IN_CHAIN: final('CONNECTION_FAILED'),
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: final('CONNECTION_FAILED'),
  CERT_HAS_EXPIRED: final('CONNECTION_FAILED'),
  ERR_TLS_CERT_ALTNAME_INVALID: final('CONNECTION_FAILED'),
};

/** The driver's own errors have no code, only words. */
const byMessage: readonly (readonly [RegExp, Classification])[] = [
  [/timeout expired|timeout exceeded when trying to connect|due to connection timeout/i, retry('CONNECTION_FAILED')],
  [/does not support SSL|Invalid URL/i, final('CONNECTION_FAILED')],
  [/SASL|client password must be/i, final('AUTHENTICATION_FAILED')],
  [/Connection terminated|not queryable|Cannot use a pool after|Client was closed/i, retry('CONNECTION_LOST')],
];

/** Which code a driver's error has, and whether it may pass when tried again. */
export function classify(error: unknown): Classification {
  if (isPolyshiftError(error)) return { code: error.code, retryable: error.retryable };
  if (error instanceof AggregateError && error.errors.length > 0) return classify(error.errors[0]);
  const state = sqlState(error);
  if (state !== undefined) return bySqlState[state] ?? bySqlState[state.slice(0, 2)] ?? final('STATEMENT_FAILED');
  if (!(error instanceof Error)) return final('STATEMENT_FAILED');
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string' && byNodeCode[code]) return byNodeCode[code];
  return byMessage.find(([words]) => words.test(error.message))?.[1] ?? final('STATEMENT_FAILED');
}

/** The SQLSTATE of an error of the server, also where it is the cause of a PolyshiftError. */
export function sqlState(error: unknown): string | undefined {
  if (isPolyshiftError(error)) return sqlState(error.cause);
  const { code, severity } = (error ?? {}) as { code?: unknown; severity?: unknown };
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && severity !== undefined ? code : undefined;
}

/** Turns whatever the driver threw into a PolyshiftError with the words of the server. */
export function toPolyshiftError(error: unknown, details: ErrorDetails = {}): PolyshiftError {
  if (isPolyshiftError(error)) return error;
  const { code, retryable } = classify(error);
  const { detail, hint } = (error ?? {}) as { detail?: unknown; hint?: unknown };
  const words = error instanceof AggregateError && error.errors[0] instanceof Error ? error.errors[0].message : messageOf(error);
  const message = typeof detail === 'string' && detail !== '' ? `${words} (${detail})` : words;
  const state = sqlState(error);
  return new PolyshiftError(code, message, {
    retryable,
    cause: error,
    ...(typeof hint === 'string' ? { hint } : {}),
    ...(state === undefined ? {} : { data: { sql_state: state } }),
    ...details,
  });
}

/** An error while connecting: what is lost later is not reached yet. */
export function toConnectError(error: unknown): PolyshiftError {
  const converted = toPolyshiftError(error);
  if (converted.code !== 'CONNECTION_LOST' && converted.code !== 'STATEMENT_FAILED') return converted;
  return new PolyshiftError('CONNECTION_FAILED', converted.message, { retryable: true, cause: error });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether data are to blame, so that other rows may pass: classes 22, 23, 44, and what triggers raise. */
export function isDataError(error: unknown): boolean {
  const state = sqlState(error);
  return state !== undefined && (/^(22|23|44)/.test(state) || state === 'P0001');
}

/** Whether the server has taken a whole transaction back to end a deadlock: SQLSTATE 40P01. */
export function isDeadlock(error: unknown): boolean {
  return sqlState(error) === '40P01';
}
