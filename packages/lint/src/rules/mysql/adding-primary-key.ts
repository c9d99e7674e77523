import { addedKeys } from '../../mysql/changes.ts';
import { mysqlRule } from '../../mysql/rule.ts';

/** Adds a primary key to a table that is in use. */
export const addingPrimaryKey = mysqlRule({
  code: 'MY015',
  name: 'adding-primary-key',
  level: 'error',
  doc: {
    what: 'Adds a primary key to a table that is in use.',
    why: 'The rows are ordered by it: the table is built anew. It fails on nulls and duplicates.',
    lock: 'Others read and write while the table is built anew; an exclusive metadata lock at the beginning and the end, which waits for every open transaction on the table.',
    safe: 'Create another table with the key and copy the rows in batches (polyshift: extract, rename_collection); or a quiet hour.',
  },
  examples: {
    unsafe: ['ALTER TABLE logs ADD PRIMARY KEY (number)'],
    safe: [
      'CREATE TABLE t (a INT PRIMARY KEY)',
      `CREATE TABLE t (a INT, b INT);
ALTER TABLE t ADD PRIMARY KEY (a)`,
    ],
  },
  claim: { algorithm: 'INPLACE', lock: 'NONE' },
  *check(statement, context) {
    for (const { table, key } of addedKeys(statement)) {
      if (key.kind === 'primary' && !context.isNew(table))
        yield { at: key.at, message: `The primary key (${key.columns.join(', ')}) builds ${table} anew.` };
    }
  },
});
