import type { RuleHead } from '../../rule.ts';

/** A comment switches off a rule that finds nothing there. */
export const unusedIgnore: RuleHead = {
  code: 'LN005',
  name: 'unused-ignore',
  store: 'lint',
  level: 'warning',
  doc: {
    what: 'A comment switches off a rule that finds nothing there.',
    why: 'It would hide a real fault later.',
    lock: 'Nothing.',
    safe: 'Remove the comment, or put it above the statement or operation that it is for.',
  },
};
