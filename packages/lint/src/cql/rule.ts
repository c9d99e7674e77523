import type { StatementRule } from '../rule.ts';
import type { CqlStatement } from './statement.ts';

/** A rule over the statements of a script for Cassandra; it sees one statement at a time. */
export interface CqlRule extends StatementRule<CqlStatement, undefined> {
  readonly store: 'cassandra';
}

/** Makes a rule from its parts. */
export function cqlRule(parts: Omit<CqlRule, 'store'>): CqlRule {
  return Object.freeze({ ...parts, store: 'cassandra' });
}
