import type { RuleHead } from '../../rule.ts';

/** A script does not parse. */
export const syntaxError: RuleHead = {
  code: 'LN001',
  name: 'syntax-error',
  store: 'lint',
  level: 'error',
  doc: {
    what: 'A script does not parse.',
    why: 'Nothing in the file could be checked, and a server would refuse it.',
    lock: 'Nothing.',
    safe: 'Correct the script at the place named; for SQL of another store name the store by --store or --dialect.',
  },
};
