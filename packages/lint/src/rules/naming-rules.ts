import type { NamingRule } from '../naming-rule.ts';
import { checkName } from './naming/check-name.ts';
import { columnName } from './naming/column-name.ts';
import { foreignKeyName } from './naming/foreign-key-name.ts';
import { indexName } from './naming/index-name.ts';
import { schemaName } from './naming/schema-name.ts';
import { tableName } from './naming/table-name.ts';

/** The rules about names, by code. */
export const namingRules = {
  NM101: schemaName,
  NM102: tableName,
  NM103: columnName,
  NM104: indexName,
  NM105: foreignKeyName,
  NM106: checkName,
} as const satisfies Readonly<Record<string, NamingRule>>;
