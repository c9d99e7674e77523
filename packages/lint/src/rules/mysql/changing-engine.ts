import { alterActions } from '../../mysql/changes.ts';
import { mysqlRule } from '../../mysql/rule.ts';

/** Gives a table another engine. */
export const changingEngine = mysqlRule({
  code: 'MY020',
  name: 'changing-engine',
  level: 'error',
  doc: {
    what: 'Gives a table another engine.',
    why: 'Every row is copied; foreign keys, transactions and full-text indexes may not be there any more.',
    lock: 'SHARED on the table: no writes while every row is copied into a new table (MariaDB 11.2 and later let others write); then an exclusive metadata lock for a moment.',
    safe: 'Copy the table online (polyshift: extract; gh-ost, pt-online-schema-change).',
  },
  examples: {
    unsafe: ['ALTER TABLE users ENGINE = MyISAM'],
    safe: [
      'ALTER TABLE users ENGINE = InnoDB',
      `CREATE TABLE t (a INT, b INT);
ALTER TABLE t ENGINE = MyISAM`,
    ],
  },
  claim: { algorithm: 'COPY', lock: 'SHARED', mariadb: { algorithm: 'COPY', lock: 'NONE' } },
  *check(statement, context) {
    for (const { table, action } of alterActions(statement)) {
      if (action.kind !== 'option' || action.name !== 'ENGINE' || action.value === 'INNODB' || context.isNew(table)) continue;
      yield { at: action.at, message: `Moving ${table} to ${action.value} copies every row${context.whileCopying}.` };
    }
  },
});
