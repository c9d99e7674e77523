import type { StatementRule } from '../rule.ts';
import type { MysqlContext } from './context.ts';
import type { MysqlStatement } from './statement.ts';

/** How the server carries out the first unsafe example. A test proves it by asking for more. */
export interface AlgorithmClaim {
  /** The best that the server does: `INSTANT` in no time, `INPLACE` in the background, `COPY` row by row into another table. */
  readonly algorithm: 'INSTANT' | 'INPLACE' | 'COPY';
  /** The least lock: `NONE` lets others read and write, `SHARED` read alone. */
  readonly lock: 'NONE' | 'SHARED';
  /** What MariaDB does, where it is another way. */
  readonly mariadb?: Omit<AlgorithmClaim, 'mariadb'>;
}

/** A rule over the statements of a script for MySQL or MariaDB. */
export interface MysqlRule extends StatementRule<MysqlStatement, MysqlContext> {
  readonly store: 'mysql';
  readonly claim?: AlgorithmClaim;
}

/** Makes a rule from its parts. */
export function mysqlRule(parts: Omit<MysqlRule, 'store'>): MysqlRule {
  return Object.freeze({ ...parts, store: 'mysql' });
}
