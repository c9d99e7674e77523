import { alterations } from '../../postgresql/alterations.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Makes a table logged or unlogged. */
export const changingPersistence = postgresqlRule({
  code: 'PG018',
  name: 'changing-persistence',
  level: 'error',
  doc: {
    what: 'Makes a table logged or unlogged.',
    why: 'The whole table is written anew; an unlogged one is empty after a crash and missing on replicas.',
    lock: 'ACCESS EXCLUSIVE on the table, no reads and no writes, while all rows and indexes are written anew.',
    safe: 'Create another table with the persistence that is wanted and copy the rows in batches (polyshift: extract, rename_collection).',
  },
  examples: {
    unsafe: ['ALTER TABLE users SET UNLOGGED', 'ALTER TABLE users SET LOGGED'],
    safe: [
      'CREATE UNLOGGED TABLE t (a int)',
      `CREATE TABLE t (a int);
ALTER TABLE t SET UNLOGGED`,
    ],
  },
  claim: { mode: 'ACCESS EXCLUSIVE', rewrites: true },
  *check(statement, context) {
    for (const { table, subtype } of alterations(statement)) {
      if (!/^AT_Set(Un)?Logged$/.test(subtype) || context.isNew(table)) continue;
      yield {
        message: `${subtype === 'AT_SetLogged' ? 'SET LOGGED' : 'SET UNLOGGED'} writes all of ${table} anew while nobody can read or write it.`,
      };
    }
  },
});
