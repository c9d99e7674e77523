import { addedKeys } from '../../mysql/changes.ts';
import { mysqlRule } from '../../mysql/rule.ts';

/** Adds a spatial index to a table that is in use. */
export const addingSpatialIndex = mysqlRule({
  code: 'MY014',
  name: 'adding-spatial-index',
  level: 'error',
  doc: {
    what: 'Adds a spatial index to a table that is in use.',
    why: 'It cannot be built while others write.',
    lock: 'SHARED on the table: no writes until the index is built.',
    safe: 'Create it together with the table, or on a copy that is filled in batches (polyshift: extract).',
  },
  examples: {
    unsafe: ['ALTER TABLE places ADD SPATIAL INDEX sp (place)'],
    safe: ['CREATE TABLE t (p POINT NOT NULL, SPATIAL INDEX (p))'],
  },
  claim: { algorithm: 'INPLACE', lock: 'SHARED' },
  *check(statement, context) {
    for (const { table, key } of addedKeys(statement)) {
      if (key.kind === 'spatial' && !context.isNew(table))
        yield { at: key.at, message: `The spatial index on ${table} blocks all writes to ${table} until it is built.` };
    }
  },
});
