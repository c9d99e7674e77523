import { type ErrorCode, type ErrorDetails, isPolyshiftError, PolyshiftError } from '@polyshift/core';

/** What an error of the driver means. */
export interface Classification {
  readonly code: ErrorCode;
  readonly retryable: boolean;
}

const retry = (code: ErrorCode): Classification => ({ code, retryable: true });
const final = (code: ErrorCode): Classification => ({ code, retryable: false });
const all = (numbers: readonly number[], meaning: Classification) => numbers.map((number) => [number, meaning] as const);

/** By the number of the server's error: the driver's names for them are MySQL's, also where MariaDB means something else. */
const byNumber: ReadonlyMap<number, Classification> = new Map([
  ...all([1040, 1203, 1226, 1129, 1205, 1213, 1206, 1614, 3024, 1969, 3058, 3572, 1099], retry('STORE_BUSY')),
  ...all([1053, 1077, 1079, 1152, 1158, 1159, 1160, 1161, 1184, 1927, 2006, 2013, 3169, 4031], retry('CONNECTION_LOST')),
  ...all([1049, 1130], final('CONNECTION_FAILED')),
  ...all([1045, 1251, 1524, 1698, 1820, 1862, 3118, 3955, 4151], final('AUTHENTICATION_FAILED')),
  ...all([1044, 1142, 1143, 1227, 1370, 1410, 1419, 3619], final('PERMISSION_DENIED')),
  ...all([1021, 1114, 1036, 1290, 1792, 1836, 3100, 1041], retry('STORE_FULL')),
  ...all([1022, 1062, 1169, 1586, 1859], final('DUPLICATE_KEY')),
  ...all([1048, 1216, 1217, 1364, 1451, 1452, 1557, 1761, 1762, 3819, 4025, 1138, 1644], final('CONSTRAINT_VIOLATED')),
  ...all(
    [1153, 1264, 1265, 1292, 1366, 1367, 1406, 1411, 1416, 1441, 1525, 1690, 3140, 3141, 3156, 3854, 4078, 1365, 1918, 1916],
    final('CONVERSION_FAILED'),
  ),
  ...all([1051, 1146, 1109], final('UNKNOWN_COLLECTION')),
  ...all([1054, 1072, 1091, 1176, 3821, 1090], final('UNKNOWN_FIELD')),
  ...all([1007, 1050, 1060, 1061, 1304, 1359, 1826, 3822], final('ALREADY_EXISTS')),
  ...all([1064, 1149, 1065], final('INVALID_SYNTAX')),
  ...all([1235, 1178, 1286, 1289, 1845, 1846, 1911], final('UNSUPPORTED_OPERATION')),
]);

/** By the error codes of Node's sockets, resolver and TLS, and those of the driver. */
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
  PROTOCOL_CONNECTION_LOST: retry('CONNECTION_LOST'),
  PROTOCOL_SEQUENCE_TIMEOUT: retry('CONNECTION_LOST'),
  HANDSHAKE_NO_SSL_SUPPORT: final('CONNECTION_FAILED'),
  HANDSHAKE_SSL_ERROR: final('CONNECTION_FAILED'),
  ERR_INVALID_URL: final('CONNECTION_FAILED'),
  DEPTH_ZERO_SELF_SIGNED_CERT: final('CONNECTION_FAILED'),
  SELF_SIGNED_CERT_IN_CHAIN: final('CONNECTION_FAILED'),
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: final('CONNECTION_FAILED'),
  CERT_HAS_EXPIRED: final('CONNECTION_FAILED'),
  ERR_TLS_CERT_ALTNAME_INVALID: final('CONNECTION_FAILED'),
};

/** Some errors of the driver have no code, only words. */
const byMessage: readonly (readonly [RegExp, Classification])[] = [
  [/connect ETIMEDOUT|handshake inactivity timeout/i, retry('CONNECTION_FAILED')],
  [/Server does not support secure connection/i, final('CONNECTION_FAILED')],
  [/Pool is closed|closed state|after fatal error|Connection lost|Queue limit reached/i, retry('CONNECTION_LOST')],
];

/** Which code a driver's error has, and whether it may pass when tried again. */
export function classify(error: unknown): Classification {
  if (isPolyshiftError(error)) return { code: error.code, retryable: error.retryable };
  if (error instanceof AggregateError && error.errors.length > 0) return classify(error.errors[0]);
  if (!(error instanceof Error)) return final('STATEMENT_FAILED');
  const number = errorNumber(error);
  if (number !== undefined) return byNumber.get(number) ?? byServerWords(error.message);
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string' && byNodeCode[code]) return byNodeCode[code];
  return byMessage.find(([words]) => words.test(error.message))?.[1] ?? final('STATEMENT_FAILED');
}

/** A file that cannot be written has many numbers, by who wanted to write it; the words of the operating system tell why. */
function byServerWords(message: string): Classification {
  return /No space left on device|(?:errno|Errcode|error):? 28\b/i.test(message)
    ? retry('STORE_FULL')
    : final('STATEMENT_FAILED');
}

/** The number of an error of the server, also where it is the cause of a PolyshiftError. Errors of the socket have negative ones. */
export function errorNumber(error: unknown): number | undefined {
  if (isPolyshiftError(error)) return errorNumber(error.cause);
  const { errno } = (error ?? {}) as { errno?: unknown };
  return typeof errno === 'number' && errno > 0 ? errno : undefined;
}

/** Turns whatever the driver threw into a PolyshiftError with the words of the server. */
export function toPolyshiftError(error: unknown, details: ErrorDetails = {}): PolyshiftError {
  if (isPolyshiftError(error)) return error;
  const { code, retryable } = classify(error);
  const words = error instanceof AggregateError && error.errors[0] instanceof Error ? error.errors[0] : error;
  const number = errorNumber(error);
  return new PolyshiftError(code, words instanceof Error ? words.message : String(words), {
    retryable,
    cause: error,
    ...(number === undefined ? {} : { data: { errno: number } }),
    ...details,
  });
}

/** An error while connecting: what is lost later is not reached yet. */
export function toConnectError(error: unknown): PolyshiftError {
  const converted = toPolyshiftError(error);
  if (converted.code !== 'CONNECTION_LOST' && converted.code !== 'STATEMENT_FAILED') return converted;
  return new PolyshiftError('CONNECTION_FAILED', converted.message, { retryable: true, cause: error });
}

/** Whether data are to blame, so that other rows may pass. */
export function isDataError(error: unknown): boolean {
  if (errorNumber(error) === undefined) return false;
  const { code } = classify(error);
  return code === 'DUPLICATE_KEY' || code === 'CONSTRAINT_VIOLATED' || code === 'CONVERSION_FAILED';
}

/** The number of an error by which the server has ended a transaction for another one's sake. */
const deadlock = 1213;

/** Whether the server has taken a whole transaction back to end a deadlock. */
export function isDeadlock(error: unknown): boolean {
  return errorNumber(error) === deadlock;
}
