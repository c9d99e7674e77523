import { namingRule } from '../../naming-rule.ts';

/** Gives a schema or database a name that `lint.naming.schema` does not allow. */
export const schemaName = namingRule('NM101', 'schema-name', 'schema', 'a schema or database');
