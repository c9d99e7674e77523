import type { Operation } from '@polyshift/core';
import type { Script } from '../read/script.ts';
import type { ScriptChecker, ScriptResult } from '../script-checker.ts';
import { checkStatements } from '../script-checker.ts';
import type { LintSettings } from '../settings.ts';
import { PostgresqlContext } from './context.ts';
import { PostgresqlHistory } from './history.ts';
import { parsePostgresql } from './parse.ts';
import type { PostgresqlRule } from './rule.ts';

/** Reads scripts for PostgreSQL. */
export class PostgresqlChecker implements ScriptChecker {
  private readonly history = new PostgresqlHistory();
  private readonly rules: readonly PostgresqlRule[];
  private readonly settings: LintSettings;

  constructor(rules: readonly PostgresqlRule[], settings: LintSettings) {
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
      parse: () => parsePostgresql(script.sql, script.transaction),
      context: (statements) => new PostgresqlContext({ settings, statements, migration: script.migration, history }),
      done: (statement) => history.apply(statement),
    });
  }

  apply(operation: Operation): void {
    this.history.applyOperation(operation);
  }
}
