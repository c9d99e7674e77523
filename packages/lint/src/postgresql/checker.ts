import type { Operation } from '@polyshift/core';
import type { NamingRule } from '../naming-rule.ts';
import type { Script } from '../read/script.ts';
import type { ScriptChecker, ScriptResult } from '../script-checker.ts';
import { checkStatements } from '../script-checker.ts';
import type { LintSettings } from '../settings.ts';
import { PostgresqlContext } from './context.ts';
import { definedNames } from './defined-names.ts';
import { PostgresqlHistory } from './history.ts';
import { parsePostgresql } from './parse.ts';
import type { PostgresqlRule } from './rule.ts';

/** Reads scripts for PostgreSQL. */
export class PostgresqlChecker implements ScriptChecker {
  private readonly history = new PostgresqlHistory();
  private readonly rules: readonly PostgresqlRule[];
  private readonly naming: readonly NamingRule[];
  private readonly settings: LintSettings;

  constructor(rules: readonly PostgresqlRule[], naming: readonly NamingRule[], settings: LintSettings) {
    this.naming = naming;
    this.rules = rules;
    this.settings = settings;
  }

  beginFile(): void {
    this.history.beginScript();
  }

  check(script: Script): Promise<ScriptResult> {
    const { history, settings } = this;
    return checkStatements({
      script,
      lexis: { mysql: false },
      rules: this.rules,
      naming: this.naming,
      settings,
      names: definedNames,
      parse: () => parsePostgresql(script.sql, script.transaction),
      context: (statements) =>
        new PostgresqlContext({ settings, statements, migration: script.migration, wrapped: script.transaction, history }),
      done: (statement, context) => {
        context.advance(statement);
        history.apply(statement);
      },
    });
  }

  apply(operation: Operation): void {
    this.history.applyOperation(operation);
  }
}
