import { tableName } from '../../postgresql/names.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Creates a hash index. */
export const hashIndex = postgresqlRule({
  code: 'PG208',
  name: 'hash-index',
  level: 'off',
  doc: {
    what: 'Creates a hash index.',
    why: 'It serves equality alone, cannot be unique, and before PostgreSQL 10 was lost in a crash and wrong on replicas.',
    lock: 'Nothing now.',
    safe: 'A btree index.',
  },
  examples: {
    unsafe: ['CREATE INDEX CONCURRENTLY i ON users USING hash (name)'],
    safe: ['CREATE INDEX CONCURRENTLY i ON users (name)'],
  },
  *check(statement) {
    if (statement.kind === 'IndexStmt' && statement.node.accessMethod === 'hash')
      yield { message: `The index on ${tableName(statement.node.relation)} is a hash index.` };
  },
});
