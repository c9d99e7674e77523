import { addedKeys } from '../../mysql/changes.ts';
import { mysqlRule } from '../../mysql/rule.ts';

/** Creates an index of more than three columns that is not unique. */
export const wideIndex = mysqlRule({
  code: 'MY307',
  name: 'wide-index',
  level: 'warning',
  doc: {
    what: 'Creates an index of more than three columns that is not unique.',
    why: 'It is large, slows down every write, and rarely serves more than its first columns do.',
    lock: 'Nothing now.',
    safe: 'Begin with the columns that narrow down most.',
  },
  examples: {
    unsafe: ['CREATE INDEX i ON users (name, age, email, note)'],
    safe: ['CREATE INDEX i ON users (name, age, email)', 'CREATE UNIQUE INDEX i ON users (a, b, c, d)'],
  },
  *check(statement) {
    for (const { table, key } of addedKeys(statement)) {
      if (key.kind === 'index' && key.columns.length > 3)
        yield { at: key.at, message: `The index on ${table} has ${key.columns.length} columns.` };
    }
  },
});
