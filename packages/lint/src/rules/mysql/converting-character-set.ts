import { alterActions } from '../../mysql/changes.ts';
import { mysqlRule } from '../../mysql/rule.ts';

/** Converts a table to another character set. */
export const convertingCharacterSet = mysqlRule({
  code: 'MY019',
  name: 'converting-character-set',
  level: 'error',
  doc: {
    what: 'Converts a table to another character set.',
    why: 'Every text is converted; columns may get larger types, indexes may get too long, and comparisons give other results.',
    lock: 'SHARED on the table: no writes while every row is copied into a new table (MariaDB 11.2 and later let others write); then an exclusive metadata lock for a moment.',
    safe: 'Copy the table online (polyshift: extract; gh-ost, pt-online-schema-change), or one column at a time beside the old one.',
  },
  examples: {
    unsafe: ['ALTER TABLE users CONVERT TO CHARACTER SET latin1'],
    safe: [
      'ALTER TABLE users DEFAULT CHARACTER SET latin1',
      `CREATE TABLE t (a INT, b INT);
ALTER TABLE t CONVERT TO CHARACTER SET latin1`,
    ],
  },
  claim: { algorithm: 'COPY', lock: 'SHARED', mariadb: { algorithm: 'COPY', lock: 'NONE' } },
  *check(statement, context) {
    for (const { table, action } of alterActions(statement)) {
      if (action.kind === 'convert_charset' && !context.isNew(table))
        yield { at: action.at, message: `Converting ${table} to ${action.charset} copies every row${context.whileCopying}.` };
    }
  },
});
