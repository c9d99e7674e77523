import type { RuleHead } from '../../rule.ts';

/** A migration is not valid: its syntax, an unknown operation, or a wrong field. */
export const invalidDocument: RuleHead = {
  code: 'LN002',
  name: 'invalid-document',
  store: 'lint',
  level: 'error',
  doc: {
    what: 'A migration is not valid: its syntax, an unknown operation, or a wrong field.',
    why: 'Nothing in the file could be checked, and polyshift would refuse it.',
    lock: 'Nothing.',
    safe: 'Correct the document at the place named.',
  },
};
