import { addedKeys } from '../../mysql/changes.ts';
import { mysqlRule } from '../../mysql/rule.ts';

/** Adds a unique index to columns that are there already. */
export const addingUniqueIndex = mysqlRule({
  code: 'MY012',
  name: 'adding-unique-index',
  level: 'warning',
  doc: {
    what: 'Adds a unique index to columns that are there already.',
    why: 'It fails on duplicates, also on those that are written while it is built, after hours; and writes that repeat a key fail afterwards.',
    lock: 'Others read and write while the table is built anew; an exclusive metadata lock at the beginning and the end, which waits for every open transaction on the table.',
    safe: 'Look for duplicates before (polyshift: checks.before with kind duplicates; create_index does so itself).',
  },
  examples: {
    unsafe: [
      'CREATE UNIQUE INDEX users_name ON users (name)',
      'ALTER TABLE users ADD UNIQUE (email)',
      'ALTER TABLE users ADD COLUMN code INT UNIQUE',
    ],
    safe: [
      'CREATE INDEX users_name ON users (name)',
      `CREATE TABLE t (a INT, b INT);
CREATE UNIQUE INDEX i ON t (a)`,
    ],
  },
  claim: { algorithm: 'INPLACE', lock: 'NONE' },
  *check(statement, context) {
    for (const { table, key } of addedKeys(statement)) {
      if (key.kind === 'unique' && !context.isNew(table))
        yield { at: key.at, message: `The unique index on ${table} (${key.columns.join(', ')}) fails on duplicates.` };
    }
  },
});
