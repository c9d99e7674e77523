import type { Script } from '../read/script.ts';
import { checkStatements, type ScriptChecker, type ScriptResult } from '../script-checker.ts';
import type { LintSettings } from '../settings.ts';
import { parseCql } from './parse.ts';
import type { CqlRule } from './rule.ts';

/** Reads scripts for Cassandra. */
export class CqlChecker implements ScriptChecker {
  private readonly rules: readonly CqlRule[];
  private readonly settings: LintSettings;

  constructor(rules: readonly CqlRule[], settings: LintSettings) {
    this.rules = rules;
    this.settings = settings;
  }

  beginFile(): void {}

  check(script: Script): Promise<ScriptResult> {
    return checkStatements({
      script,
      lexis: { mysql: false, cql: true },
      rules: this.rules,
      naming: [],
      settings: this.settings,
      names: () => [],
      parse: () => parseCql(script.sql),
      context: () => undefined,
      done: () => undefined,
    });
  }

  apply(): void {}
}
