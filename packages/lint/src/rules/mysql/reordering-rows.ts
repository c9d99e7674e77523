import { alterActions } from '../../mysql/changes.ts';
import { mysqlRule } from '../../mysql/rule.ts';

/** Sorts the rows of a table by ORDER BY. */
export const reorderingRows = mysqlRule({
  code: 'MY033',
  name: 'reordering-rows',
  level: 'error',
  doc: {
    what: 'Sorts the rows of a table by ORDER BY.',
    why: 'InnoDB keeps them by the primary key: all rows are copied for nothing.',
    lock: 'SHARED on the table: no writes while every row is copied into a new table (MariaDB 11.2 and later let others write); then an exclusive metadata lock for a moment.',
    safe: 'Leave it out; ORDER BY in the query, with an index.',
  },
  examples: {
    unsafe: ['ALTER TABLE users ORDER BY age'],
    safe: ['SELECT 1'],
  },
  claim: { algorithm: 'COPY', lock: 'SHARED', mariadb: { algorithm: 'COPY', lock: 'NONE' } },
  *check(statement, context) {
    for (const { table, action } of alterActions(statement)) {
      if (action.kind === 'other' && action.verb === 'ORDER BY')
        yield { at: action.at, message: `ORDER BY copies all of ${table}${context.whileCopying}.` };
    }
  },
});
