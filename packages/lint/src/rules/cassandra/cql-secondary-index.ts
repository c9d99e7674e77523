import { cqlRule } from '../../cql/rule.ts';

/** Creates a secondary index. */
export const cqlSecondaryIndex = cqlRule({
  code: 'CA106',
  name: 'cql-secondary-index',
  level: 'warning',
  doc: {
    what: 'Creates a secondary index.',
    why: 'A query by it alone asks every node; on columns with very many or very few values, or that change often, it is slow.',
    lock: 'Nothing is locked; the index is built on every node.',
    safe: 'A table by that column; query the index only together with the partition key.',
  },
  examples: {
    unsafe: ['CREATE INDEX i ON users (email)', "CREATE CUSTOM INDEX i ON users (email) USING 'StorageAttachedIndex'"],
    safe: ['CREATE TABLE t (id int PRIMARY KEY)'],
  },
  *check(statement) {
    if (statement.begins('CREATE', 'INDEX') || statement.begins('CREATE', 'CUSTOM', 'INDEX'))
      yield { message: 'Queries by this index alone ask every node.' };
  },
});
