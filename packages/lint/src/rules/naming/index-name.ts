import { namingRule } from '../../naming-rule.ts';

/** Gives an index or unique constraint a name that `lint.naming.index` does not allow. */
export const indexName = namingRule('NM104', 'index-name', 'index', 'an index or unique constraint');
