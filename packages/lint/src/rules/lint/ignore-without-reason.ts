import type { RuleHead } from '../../rule.ts';

/** A comment switches a rule off without saying why. */
export const ignoreWithoutReason: RuleHead = {
  code: 'LN003',
  name: 'ignore-without-reason',
  store: 'lint',
  level: 'error',
  doc: {
    what: 'A comment switches a rule off without saying why.',
    why: 'Nobody can tell later whether the reason still holds.',
    lock: 'Nothing.',
    safe: 'Write the reason behind a colon: polyshift-lint-ignore PG005: the table is empty until the release.',
  },
};
