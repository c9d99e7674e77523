import { tableName } from '../../postgresql/names.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Creates an unlogged table. */
export const unloggedTable = postgresqlRule({
  code: 'PG221',
  name: 'unlogged-table',
  level: 'off',
  doc: {
    what: 'Creates an unlogged table.',
    why: 'It is empty after a crash and missing on replicas.',
    lock: 'Nothing now.',
    safe: 'An ordinary table.',
  },
  examples: {
    unsafe: ['CREATE UNLOGGED TABLE t (a int)'],
    safe: ['CREATE TABLE t (a int)', 'CREATE TEMP TABLE t (a int)'],
  },
  *check(statement) {
    if (statement.kind === 'CreateStmt' && statement.node.relation.relpersistence === 'u')
      yield { message: `${tableName(statement.node.relation)} is empty after a crash.` };
  },
});
