import { literal } from '../identifiers.ts';
import type { OnlineNames } from './names.ts';

/**
 * How the user's triggers know a write that is carried over, which has fired those of the other version: while the statement that carries it runs, a
 * setting holds the depth of triggers at which it does. What cascades, and what triggers of other tables write because of it, runs deeper: that is a
 * write of its own, which nothing has fired triggers for.
 */
export function notCarried({ carried }: OnlineNames): string {
  return `(current_setting(${literal(carried)}, true) IS DISTINCT FROM pg_trigger_depth()::text)`;
}

/** The declaration in a function of PL/pgSQL that keeps whether it runs because of another carried write. */
export function outerCarried({ carried }: OnlineNames): string {
  return `polyshift_outer text := COALESCE(current_setting(${literal(carried)}, true), '');`;
}

/** The expression that says that what is written from now on at this depth is carried. */
export function enterCarried({ carried }: OnlineNames): string {
  return `set_config(${literal(carried)}, pg_trigger_depth()::text, true)`;
}

/** The expression that ends it. */
export function leaveCarried({ carried }: OnlineNames): string {
  return `set_config(${literal(carried)}, polyshift_outer, true)`;
}
