import { mysqlRule } from '../../mysql/rule.ts';

/** Drops a database. */
export const droppingDatabase = mysqlRule({
  code: 'MY203',
  name: 'dropping-database',
  level: 'error',
  doc: {
    what: 'Drops a database.',
    why: 'Everything in it is gone, and no undo brings it back.',
    lock: 'An exclusive metadata lock on every table in it.',
    safe: 'Take a backup and try to restore it; drop it by hand later.',
  },
  examples: {
    unsafe: ['DROP DATABASE shop', 'DROP SCHEMA IF EXISTS shop'],
    safe: ['CREATE DATABASE shop'],
  },
  *check(statement) {
    if (statement.kind === 'drop' && statement.object === 'database')
      yield { message: `Dropping database ${statement.names.join(', ')} removes everything in it.` };
  },
});
