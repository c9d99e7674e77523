import type { Operation } from '@polyshift/core';
import type { LineSpan, PlacedProblem } from './ignore/apply-directives.ts';
import { type Directive, parseDirective } from './ignore/directive.ts';
import type { DefinedName } from './naming.ts';
import { checkNames, type NamingRule } from './naming-rule.ts';
import type { Script } from './read/script.ts';
import { ScriptError } from './read/script-error.ts';
import { type SqlLexis, sqlComments } from './read/sql-comments.ts';
import type { StatementRule } from './rule.ts';
import { syntaxError } from './rules/lint/syntax-error.ts';
import type { LintSettings } from './settings.ts';

/** What reading a script came to. */
export interface ScriptResult {
  readonly problems: readonly PlacedProblem[];
  readonly spans: readonly LineSpan[];
  readonly directives: readonly Directive[];
}

/** Reads the scripts of one store, one after the other, and keeps in mind what they did. */
export interface ScriptChecker {
  /** Begins another file: what was new is in use from here on. */
  beginFile(): void;
  check(script: Script): Promise<ScriptResult>;
  /** Takes in what an operation of a migration does. */
  apply(operation: Operation): void;
}

interface PlacedStatement {
  readonly at: number;
  readonly end: number;
}

/**
 * Parses a script and holds the rules against each statement.
 * @param parse the statements; a ScriptError becomes one finding
 * @param done called after the rules have seen a statement
 */
export async function checkStatements<Statement extends PlacedStatement, Context>(parts: {
  script: Script;
  lexis: SqlLexis;
  rules: readonly StatementRule<Statement, Context>[];
  /** The rules about names. */
  naming: readonly NamingRule[];
  parse(): Promise<readonly Statement[]> | readonly Statement[];
  context(statements: readonly Statement[]): Context;
  done(statement: Statement, context: Context): void;
  /** The names that a statement gives. */
  names(statement: Statement): readonly DefinedName[];
  settings: LintSettings;
}): Promise<ScriptResult> {
  const { script, naming } = parts;
  const directives = sqlComments(script.sql, parts.lexis).flatMap(({ at, text }) => {
    const { line, column } = script.place(at);
    return parseDirective(text, line, column) ?? [];
  });
  let statements: readonly Statement[];
  try {
    statements = await parts.parse();
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    const { line, column } = script.place(error.at);
    const problem = { rule: syntaxError, line, column, message: `The script does not parse: ${error.message}.`, safe: undefined };
    return { problems: [problem], spans: [], directives: [] };
  }
  const context = parts.context(statements);
  const problems: PlacedProblem[] = [];
  for (const statement of statements) {
    for (const rule of parts.rules) {
      for (const { message, at = statement.at, safe } of rule.check(statement, context)) {
        problems.push({ rule, ...script.place(at), message, safe });
      }
    }
    for (const { rule, message, at = statement.at } of checkNames(naming, parts.names(statement), parts.settings)) {
      problems.push({ rule, ...script.place(at), message, safe: undefined });
    }
    parts.done(statement, context);
  }
  const spans = statements.map(({ at, end }) => ({ first: script.place(at).line, last: script.place(end).line }));
  return { problems, spans, directives };
}
