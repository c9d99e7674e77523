import { cqlRule } from '../../cql/rule.ts';

/** Writes with USING TIMESTAMP. */
export const ownTimestamp = cqlRule({
  code: 'CA114',
  name: 'own-timestamp',
  level: 'warning',
  doc: {
    what: 'Writes with USING TIMESTAMP.',
    why: 'A later write with an earlier timestamp is lost without a word, and one far in the future can never be overwritten.',
    lock: 'Nothing is locked.',
    safe: 'Leave it out.',
  },
  examples: {
    unsafe: ['INSERT INTO users (id) VALUES (1) USING TIMESTAMP 1'],
    safe: ['INSERT INTO users (id) VALUES (1) USING TTL 100'],
  },
  *check(statement) {
    if (statement.has('USING', 'TIMESTAMP') || statement.has('AND', 'TIMESTAMP'))
      yield { message: 'Whose write wins is decided by this timestamp.' };
  },
});
