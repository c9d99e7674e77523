import { namingRule } from '../../naming-rule.ts';

/** Gives a foreign key a name that `lint.naming.foreign_key` does not allow. */
export const foreignKeyName = namingRule('NM105', 'foreign-key-name', 'foreign_key', 'a foreign key');
