import { mysqlRule } from '../../mysql/rule.ts';

/** Locks tables by LOCK TABLES, or all by FLUSH TABLES WITH READ LOCK. */
export const lockingTables = mysqlRule({
  code: 'MY030',
  name: 'locking-tables',
  level: 'warning',
  doc: {
    what: 'Locks tables by LOCK TABLES, or all by FLUSH TABLES WITH READ LOCK.',
    why: 'Everything that comes afterwards happens while others wait.',
    lock: 'The locks named, until UNLOCK TABLES; FLUSH TABLES WITH READ LOCK stops every write to the server.',
    safe: 'Row locks by SELECT ... FOR UPDATE; a single short statement.',
  },
  examples: {
    unsafe: ['LOCK TABLES users WRITE', 'FLUSH TABLES WITH READ LOCK'],
    safe: ['FLUSH STATUS', 'ANALYZE TABLE users'],
  },
  *check(statement) {
    if (statement.kind === 'lock_tables') yield { message: `LOCK TABLES keeps others out of ${statement.tables.join(', ')}.` };
    if (statement.kind === 'maintenance' && statement.verb === 'FLUSH WITH READ LOCK')
      yield { message: 'FLUSH TABLES WITH READ LOCK stops every write to the server.' };
  },
});
