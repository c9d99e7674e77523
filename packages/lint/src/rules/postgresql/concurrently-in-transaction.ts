import { outsideOnly } from '../../postgresql/outside-only.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Runs a statement inside of a transaction that no transaction may hold. */
export const concurrentlyInTransaction = postgresqlRule({
  code: 'PG009',
  name: 'concurrently-in-transaction',
  level: 'error',
  doc: {
    what: 'Runs a statement inside of a transaction that no transaction may hold.',
    why: 'The server refuses it: CREATE, DROP and REINDEX CONCURRENTLY, DETACH PARTITION CONCURRENTLY, VACUUM, ALTER SYSTEM, CREATE and DROP DATABASE.',
    lock: 'Nothing: the statement fails.',
    safe: 'Put it into a migration of its own whose first line is `-- polyshift: no-transaction`, or use polyshift create_index.',
  },
  examples: {
    unsafe: [
      `BEGIN;
CREATE INDEX CONCURRENTLY users_age ON users (age);
COMMIT`,
      `BEGIN;
VACUUM users;
COMMIT`,
      `BEGIN;
REINDEX INDEX CONCURRENTLY users_name;
COMMIT`,
    ],
    safe: [
      'CREATE INDEX CONCURRENTLY users_age ON users (age)',
      `BEGIN;
ANALYZE users;
COMMIT`,
    ],
  },
  *check(statement) {
    if (statement.transaction === undefined) return;
    const what = outsideOnly(statement);
    if (what) yield { message: `${what} cannot run inside of a transaction: the server refuses it.` };
  },
});
