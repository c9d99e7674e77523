import { CqlChecker } from './cql/checker.ts';
import { MysqlChecker } from './mysql/checker.ts';
import type { OperationRule } from './operations/rule.ts';
import { PostgresqlChecker } from './postgresql/checker.ts';
import { cqlRules } from './rules/cql-rules.ts';
import { mysqlRules } from './rules/mysql-rules.ts';
import { namingRules } from './rules/naming-rules.ts';
import { operationRules } from './rules/operation-rules.ts';
import { postgresqlRules } from './rules/postgresql-rules.ts';
import type { ScriptChecker } from './script-checker.ts';
import type { LintSettings } from './settings.ts';

/** The reader of a store's scripts; undefined for stores without a language of statements. */
export function scriptCheckerOf(store: string, settings: LintSettings): ScriptChecker | undefined {
  switch (store) {
    case 'postgresql':
      return new PostgresqlChecker(Object.values(postgresqlRules), Object.values(namingRules), settings);
    case 'mysql':
      return new MysqlChecker(Object.values(mysqlRules), Object.values(namingRules), settings);
    case 'cassandra':
      return new CqlChecker(Object.values(cqlRules), settings);
    default:
      return undefined;
  }
}

/** The rules over operations that hold for a store. */
export function operationRulesOf(store: string): OperationRule[] {
  return Object.values(operationRules).filter((rule) => rule.store === 'any' || rule.store === store);
}
