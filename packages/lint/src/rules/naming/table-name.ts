import { namingRule } from '../../naming-rule.ts';

/** Gives a table a name that `lint.naming.table` does not allow. */
export const tableName = namingRule('NM102', 'table-name', 'table', 'a table');
