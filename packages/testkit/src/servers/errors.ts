import type { RefusedWay } from './server.ts';

/**
 * A server could not be had in any way. The message lists each way that was tried with its reason; a test run fails with
 * it, because a skipped test would look like a passed one.
 */
export class ServerUnavailableError extends Error {
  override readonly name = 'ServerUnavailableError';
  /** The ways that were tried, in order. */
  readonly refused: readonly RefusedWay[];

  /**
   * @param product The store's name, for example `PostgreSQL`.
   * @param refused The ways that were tried, in order.
   * @param hint What the person can do about it.
   */
  constructor(product: string, refused: readonly RefusedWay[], hint: string, options?: ErrorOptions) {
    const tried = refused.map(({ way, reason }) => `  - ${way}: ${reason}`).join('\n');
    super(`No ${product} server can be had here.\n${tried}\n${hint}`, options);
    this.refused = refused;
  }
}

/** The first lines of what went wrong, short enough for a list of reasons. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  // fetch and some drivers hide the cause behind a general message such as "fetch failed".
  if (error.cause instanceof Error && !error.message.includes(error.cause.message)) {
    return `${error.message}: ${reasonOf(error.cause)}`;
  }
  return error.message || error.name;
}
