import { namingRule } from '../../naming-rule.ts';

/** Gives a check constraint a name that `lint.naming.check` does not allow. */
export const checkName = namingRule('NM106', 'check-name', 'check', 'a check constraint');
