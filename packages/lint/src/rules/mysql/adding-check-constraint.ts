import { addedKeys } from '../../mysql/changes.ts';
import { mysqlRule } from '../../mysql/rule.ts';

/** Adds a check constraint that is enforced to a table that is in use. */
export const addingCheckConstraint = mysqlRule({
  code: 'MY018',
  name: 'adding-check-constraint',
  level: 'error',
  doc: {
    what: 'Adds a check constraint that is enforced to a table that is in use.',
    why: 'Every row is checked.',
    lock: 'SHARED on the table: no writes while every row is copied into a new table (MariaDB 11.2 and later let others write); then an exclusive metadata lock for a moment.',
    safe: 'ADD CONSTRAINT ... CHECK ... NOT ENFORCED states it without a check; or check the rows first and add it to a copy that is filled in batches (polyshift: extract).',
  },
  examples: {
    unsafe: ['ALTER TABLE users ADD CONSTRAINT adult CHECK (age >= 18)'],
    safe: [
      'ALTER TABLE users ADD CONSTRAINT adult CHECK (age >= 18) NOT ENFORCED',
      `CREATE TABLE t (a INT, b INT);
ALTER TABLE t ADD CHECK (a > 0)`,
    ],
  },
  claim: { algorithm: 'COPY', lock: 'SHARED', mariadb: { algorithm: 'COPY', lock: 'NONE' } },
  *check(statement, context) {
    for (const { table, key } of addedKeys(statement)) {
      if (key.kind === 'check' && key.enforced && !context.isNew(table))
        yield { at: key.at, message: `The check on ${table} copies all of ${table}${context.whileCopying}.` };
    }
  },
});
