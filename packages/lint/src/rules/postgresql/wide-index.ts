import { tableName } from '../../postgresql/names.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Creates an index of more than three columns that is not unique. */
export const wideIndex = postgresqlRule({
  code: 'PG209',
  name: 'wide-index',
  level: 'warning',
  doc: {
    what: 'Creates an index of more than three columns that is not unique.',
    why: 'It is large, slows down every write, and rarely serves more than its first columns do.',
    lock: 'Nothing now.',
    safe: 'Begin with the columns that narrow down most, and leave the others out or INCLUDE them.',
  },
  examples: {
    unsafe: ['CREATE INDEX CONCURRENTLY i ON users (name, age, email, state)'],
    safe: [
      'CREATE INDEX CONCURRENTLY i ON users (name, age, email)',
      'CREATE UNIQUE INDEX CONCURRENTLY i ON users (name, age, email, state)',
    ],
  },
  *check(statement) {
    if (statement.kind !== 'IndexStmt' || statement.node.unique || statement.node.indexParams.length <= 3) return;
    yield { message: `The index on ${tableName(statement.node.relation)} has ${statement.node.indexParams.length} columns.` };
  },
});
