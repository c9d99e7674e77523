import type { StatementRule } from '../rule.ts';
import type { PostgresqlContext } from './context.ts';
import type { PostgresqlStatement } from './statement.ts';

/** The table locks of PostgreSQL, weakest first. */
export const lockModes = [
  'ACCESS SHARE',
  'ROW SHARE',
  'ROW EXCLUSIVE',
  'SHARE UPDATE EXCLUSIVE',
  'SHARE',
  'SHARE ROW EXCLUSIVE',
  'EXCLUSIVE',
  'ACCESS EXCLUSIVE',
] as const;

/** What the first unsafe example does on a server. A test runs it and reads `pg_locks` and the file of the table. */
export interface LockClaim {
  readonly mode: (typeof lockModes)[number];
  /** Whether all rows are written anew. */
  readonly rewrites: boolean;
  /** The table that is locked; `users` where missing. */
  readonly table?: string;
}

/** A rule over the statements of a PostgreSQL script. */
export interface PostgresqlRule extends StatementRule<PostgresqlStatement, PostgresqlContext> {
  readonly store: 'postgresql';
  readonly claim?: LockClaim;
}

/** Makes a rule from its parts. */
export function postgresqlRule(parts: Omit<PostgresqlRule, 'store'>): PostgresqlRule {
  return Object.freeze({ ...parts, store: 'postgresql' });
}
