import type { RuleHead } from '../../rule.ts';

/** A comment switches off a rule that does not exist, or none. */
export const ignoreUnknownRule: RuleHead = {
  code: 'LN004',
  name: 'ignore-unknown-rule',
  store: 'lint',
  level: 'error',
  doc: {
    what: 'A comment switches off a rule that does not exist, or none.',
    why: 'The rule that was meant is not switched off.',
    lock: 'Nothing.',
    safe: 'Write the code of a rule; `polyshift lint --rules` lists them.',
  },
};
