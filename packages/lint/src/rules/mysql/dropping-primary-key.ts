import { addedKeys, alterActions } from '../../mysql/changes.ts';
import { mysqlRule } from '../../mysql/rule.ts';

/** Drops a primary key without a new one in the same statement. */
export const droppingPrimaryKey = mysqlRule({
  code: 'MY016',
  name: 'dropping-primary-key',
  level: 'error',
  doc: {
    what: 'Drops a primary key without a new one in the same statement.',
    why: 'All rows are copied, and replicas without a key read the whole table for each change.',
    lock: 'SHARED on the table: no writes while every row is copied into a new table (MariaDB 11.2 and later let others write); then an exclusive metadata lock for a moment.',
    safe: 'DROP PRIMARY KEY, ADD PRIMARY KEY (...) in one statement, which lets others write.',
  },
  examples: {
    unsafe: ['ALTER TABLE orders DROP PRIMARY KEY'],
    safe: [
      'ALTER TABLE orders DROP PRIMARY KEY, ADD PRIMARY KEY (user_id, id)',
      `CREATE TABLE t (a INT PRIMARY KEY);
ALTER TABLE t DROP PRIMARY KEY`,
    ],
  },
  claim: { algorithm: 'COPY', lock: 'SHARED', mariadb: { algorithm: 'COPY', lock: 'NONE' } },
  *check(statement, context) {
    const actions = alterActions(statement);
    const again = addedKeys(statement).some(({ key }) => key.kind === 'primary');
    for (const { table, action } of actions) {
      if (action.kind === 'drop_primary_key' && !again && !context.isNew(table))
        yield { at: action.at, message: `Without its primary key ${table} is copied${context.whileCopying}.` };
    }
  },
});
