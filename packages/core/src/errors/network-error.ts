/** Codes of Node's own errors of a connection that is gone, or of an address that cannot be reached. */
const networkCodes: readonly string[] = [
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
];

/**
 * Whether an error is one of Node's own, passed on by a driver, that says that there is no connection.
 *
 * @param more further codes that say so where they come from this driver
 */
export function isNetworkError(error: unknown, more: readonly string[] = []): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' && (networkCodes.includes(code) || more.includes(code));
}
