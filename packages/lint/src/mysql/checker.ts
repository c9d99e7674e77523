import type { Operation } from '@polyshift/core';
import type { NamingRule } from '../naming-rule.ts';
import type { Script } from '../read/script.ts';
import { checkStatements, type ScriptChecker, type ScriptResult } from '../script-checker.ts';
import type { LintSettings } from '../settings.ts';
import { MysqlContext } from './context.ts';
import { definedNames } from './defined-names.ts';
import { MysqlHistory } from './history.ts';
import { parseMysql } from './parse.ts';
import type { MysqlRule } from './rule.ts';

/** Reads scripts for MySQL and MariaDB. */
export class MysqlChecker implements ScriptChecker {
  private readonly history = new MysqlHistory();
  private readonly rules: readonly MysqlRule[];
  private readonly naming: readonly NamingRule[];
  private readonly settings: LintSettings;

  constructor(rules: readonly MysqlRule[], naming: readonly NamingRule[], settings: LintSettings) {
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
      lexis: { mysql: true },
      rules: this.rules,
      naming: this.naming,
      settings,
      names: definedNames,
      parse: () => parseMysql(script.sql),
      context: (statements) => new MysqlContext(settings, statements, history),
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
