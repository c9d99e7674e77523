import type { RuleHead } from '../rule.ts';
import { cqlRules } from './cql-rules.ts';
import { fileRules } from './file-rules.ts';
import { mysqlRules } from './mysql-rules.ts';
import { namingRules } from './naming-rules.ts';
import { operationRules } from './operation-rules.ts';
import { postgresqlRules } from './postgresql-rules.ts';

/** Every rule, in the order of the reference. */
export const allRules: readonly RuleHead[] = [
  ...Object.values(postgresqlRules),
  ...Object.values(mysqlRules),
  ...Object.values(operationRules),
  ...Object.values(cqlRules),
  ...Object.values(namingRules),
  ...Object.values(fileRules),
];
