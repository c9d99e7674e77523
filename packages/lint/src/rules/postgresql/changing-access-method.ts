import { alterations } from '../../postgresql/alterations.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Changes the access method of a table. */
export const changingAccessMethod = postgresqlRule({
  code: 'PG020',
  name: 'changing-access-method',
  level: 'error',
  doc: {
    what: 'Changes the access method of a table.',
    why: 'The whole table is written anew.',
    lock: 'ACCESS EXCLUSIVE on the table, no reads and no writes, while all rows and indexes are written anew.',
    safe: 'Create another table with the access method and copy the rows in batches (polyshift: extract).',
  },
  examples: {
    unsafe: ['ALTER TABLE users SET ACCESS METHOD columnar'],
    safe: [
      `CREATE TABLE t (a int);
ALTER TABLE t SET ACCESS METHOD columnar`,
      'ALTER TABLE users SET (fillfactor = 80)',
    ],
  },
  *check(statement, context) {
    for (const { table, subtype } of alterations(statement)) {
      if (subtype !== 'AT_SetAccessMethod' || context.isNew(table)) continue;
      yield { message: `Changing the access method of ${table} writes it anew while nobody can read or write it.` };
    }
  },
});
