import { postgresqlRule } from '../../postgresql/rule.ts';
import { isFull, writeLocked } from '../../postgresql/write-locks.ts';

/** Runs CLUSTER or VACUUM FULL. */
export const rewritingTable = postgresqlRule({
  code: 'PG021',
  name: 'rewriting-table',
  level: 'error',
  doc: {
    what: 'Runs CLUSTER or VACUUM FULL.',
    why: 'The whole table is written anew to win back space or to bring the rows into order.',
    lock: 'ACCESS EXCLUSIVE on the table, no reads and no writes, while all rows and indexes are written anew.',
    safe: 'VACUUM without FULL for space to use again; pg_repack or a copy in batches (polyshift: extract) where the file must shrink.',
  },
  examples: {
    unsafe: ['CLUSTER users USING users_name', 'VACUUM FULL users', 'VACUUM (FULL, ANALYZE) users'],
    safe: ['VACUUM users', 'VACUUM (ANALYZE) users'],
  },
  claim: { mode: 'ACCESS EXCLUSIVE', rewrites: true },
  *check(statement, context) {
    const cluster = statement.kind === 'ClusterStmt';
    if (!cluster && !isFull(statement)) return;
    const tables = writeLocked(statement);
    if (tables.length > 0 && tables.every((table) => context.isNew(table))) return;
    const which = tables.length > 0 ? tables.join(', ') : 'every table';
    yield { message: `${cluster ? 'CLUSTER' : 'VACUUM FULL'} writes ${which} anew while nobody can read or write.` };
  },
});
