import { postgresqlRule } from '../../postgresql/rule.ts';
import { writeLocked } from '../../postgresql/write-locks.ts';

/** Empties a table by TRUNCATE; with CASCADE, also every table that points to it. */
export const truncatingTable = postgresqlRule({
  code: 'PG029',
  name: 'truncating-table',
  level: 'error',
  doc: {
    what: 'Empties a table by TRUNCATE; with CASCADE, also every table that points to it.',
    why: 'All rows are gone at once, and no rollback of a later migration brings them back.',
    lock: 'ACCESS EXCLUSIVE on the table and, with CASCADE, on all that point to it.',
    safe: 'Take the table out of use and keep it (polyshift: drop_collection keeps it aside until finalize), or delete old rows in batches with a condition.',
  },
  examples: {
    unsafe: ['TRUNCATE users', 'TRUNCATE users CASCADE'],
    safe: [
      `CREATE TABLE t (a int);
TRUNCATE t`,
      'DELETE FROM users WHERE id < 10',
    ],
  },
  claim: { mode: 'ACCESS EXCLUSIVE', rewrites: true },
  *check(statement, context) {
    if (statement.kind !== 'TruncateStmt') return;
    const tables = writeLocked(statement).filter((table) => !context.isNew(table));
    if (tables.length === 0) return;
    const also = statement.node.behavior === 'DROP_CASCADE' ? ' and of every table that points to it' : '';
    yield { message: `TRUNCATE removes all rows of ${tables.join(', ')}${also}.` };
  },
});
