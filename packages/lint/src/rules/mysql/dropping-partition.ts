import { alterActions } from '../../mysql/changes.ts';
import { mysqlRule } from '../../mysql/rule.ts';

/** Drops, empties or exchanges a partition. */
export const droppingPartition = mysqlRule({
  code: 'MY023',
  name: 'dropping-partition',
  level: 'error',
  doc: {
    what: 'Drops, empties or exchanges a partition.',
    why: 'Its rows are gone at once.',
    lock: 'An exclusive metadata lock for a moment, which waits for every open transaction on the table and holds back all that come later.',
    safe: 'Exchange it with an empty table and keep that until nobody misses it.',
  },
  examples: {
    unsafe: ['ALTER TABLE events DROP PARTITION p0', 'ALTER TABLE events TRUNCATE PARTITION p0'],
    safe: ['ALTER TABLE events ADD PARTITION (PARTITION p9 VALUES LESS THAN (100))'],
  },
  *check(statement, context) {
    for (const { table, action } of alterActions(statement)) {
      if (action.kind === 'partition' && /^(DROP|TRUNCATE)$/.test(action.verb) && !context.isNew(table))
        yield { at: action.at, message: `${action.verb} PARTITION removes rows of ${table}.` };
    }
  },
});
