import { postgresqlRule } from '../../postgresql/rule.ts';

/** Drops a database. */
export const droppingDatabase = postgresqlRule({
  code: 'PG104',
  name: 'dropping-database',
  level: 'error',
  doc: {
    what: 'Drops a database.',
    why: 'Everything in it is gone, and no undo brings it back.',
    lock: 'The whole database; fails while others are connected.',
    safe: 'Rename it, take a backup and try to restore it, and drop it by hand later.',
  },
  examples: {
    unsafe: ['DROP DATABASE shop'],
    safe: ['CREATE DATABASE shop'],
  },
  *check(statement) {
    if (statement.kind === 'DropdbStmt')
      yield { message: `Dropping database ${statement.node.dbname} removes everything in it.` };
  },
});
