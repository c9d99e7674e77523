import { alterActions } from '../../mysql/changes.ts';
import { mysqlRule } from '../../mysql/rule.ts';

/** Discards or imports a tablespace. */
export const discardingTablespace = mysqlRule({
  code: 'MY034',
  name: 'discarding-tablespace',
  level: 'error',
  doc: {
    what: 'Discards or imports a tablespace.',
    why: 'The rows of the table are taken away or replaced by a file.',
    lock: 'An exclusive metadata lock while it runs.',
    safe: 'Only in a procedure of recovery, by hand.',
  },
  examples: {
    unsafe: ['ALTER TABLE users DISCARD TABLESPACE'],
    safe: ['SELECT 1'],
  },
  *check(statement) {
    for (const { table, action } of alterActions(statement)) {
      if (action.kind === 'other' && /^(DISCARD|IMPORT)$/.test(action.verb))
        yield { at: action.at, message: `${action.verb} TABLESPACE takes away or replaces the rows of ${table}.` };
    }
  },
});
