import { addedKeys } from '../../mysql/changes.ts';
import { mysqlRule } from '../../mysql/rule.ts';

/** Adds a full-text index to a table that is in use. */
export const addingFulltextIndex = mysqlRule({
  code: 'MY013',
  name: 'adding-fulltext-index',
  level: 'error',
  doc: {
    what: 'Adds a full-text index to a table that is in use.',
    why: 'The first one builds the table anew for its hidden column, and none can be built while others write.',
    lock: 'SHARED on the table: no writes until the index is built.',
    safe: 'Create it together with the table, or on a copy that is filled in batches (polyshift: extract).',
  },
  examples: {
    unsafe: ['ALTER TABLE users ADD FULLTEXT INDEX ft (note)', 'CREATE FULLTEXT INDEX ft ON users (note)'],
    safe: ['CREATE TABLE t (a TEXT, FULLTEXT (a))'],
  },
  claim: { algorithm: 'INPLACE', lock: 'SHARED' },
  *check(statement, context) {
    for (const { table, key } of addedKeys(statement)) {
      if (key.kind === 'fulltext' && !context.isNew(table))
        yield { at: key.at, message: `The full-text index on ${table} blocks all writes to ${table} until it is built.` };
    }
  },
});
