import { namingRule } from '../../naming-rule.ts';

/** Gives a column a name that `lint.naming.column` does not allow. */
export const columnName = namingRule('NM103', 'column-name', 'column', 'a column');
