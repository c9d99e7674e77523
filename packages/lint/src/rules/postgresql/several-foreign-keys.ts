import { addedConstraints } from '../../postgresql/alterations.ts';
import { tableName } from '../../postgresql/names.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';
import type { PostgresqlStatement } from '../../postgresql/statement.ts';

/** Adds foreign keys to more than one table in one transaction. */
export const severalForeignKeys = postgresqlRule({
  code: 'PG034',
  name: 'several-foreign-keys',
  level: 'warning',
  doc: {
    what: 'Adds foreign keys to more than one table in one transaction.',
    why: 'Each locks two tables, all until the transaction ends, in an order that may meet that of the application in a deadlock.',
    lock: 'SHARE ROW EXCLUSIVE on all the tables until the transaction ends: writes to all of them wait.',
    safe: 'One foreign key a transaction: a migration each, or `-- polyshift: no-transaction`.',
  },
  examples: {
    unsafe: [
      `BEGIN;
ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;
ALTER TABLE logs ADD FOREIGN KEY (id) REFERENCES events (id) NOT VALID;
COMMIT`,
    ],
    safe: [
      `ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;
ALTER TABLE logs ADD FOREIGN KEY (id) REFERENCES users (id) NOT VALID`,
      `BEGIN;
ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;
COMMIT`,
    ],
  },
  *check(statement, context) {
    const pairs = (each: PostgresqlStatement) =>
      addedConstraints(each)
        .filter(({ table, constraint }) => constraint.contype === 'CONSTR_FOREIGN' && !context.isNew(table))
        .map(({ table, constraint }) => `${table} and ${constraint.pktable ? tableName(constraint.pktable) : ''}`);
    const [own] = pairs(statement);
    if (own === undefined) return;
    const [other] = context
      .beforeInTransaction(statement)
      .flatMap(pairs)
      .filter((pair) => pair !== own);
    if (other !== undefined) yield { message: `This transaction locks ${own} while it holds ${other}.` };
  },
});
