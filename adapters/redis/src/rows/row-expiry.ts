import type { Definition } from '../definitions/definition.ts';
import type { Argument } from '../store.ts';

/** How long a row that polyshift inserts lives: milliseconds, or `keep` for ever. */
export function expiryOf({ ttl_seconds }: Definition): Argument {
  return ttl_seconds === undefined ? 'keep' : ttl_seconds * 1000;
}
