import { nearest } from '@polyshift/core';
import type { RuleHead } from '../rule.ts';
import type { Directive } from './directive.ts';

/** The lines of a statement or an operation, first and last. */
export interface LineSpan {
  readonly first: number;
  readonly last: number;
}

/** A finding before it is written out. */
export interface PlacedProblem {
  readonly rule: RuleHead;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly safe: string | undefined;
}

/** The rules about directives themselves. */
export interface DirectiveRules {
  readonly withoutReason: RuleHead;
  readonly unknownRule: RuleHead;
  readonly unused: RuleHead;
}

/**
 * Leaves out the problems that a directive covers, and adds those that directives have themselves. A directive belongs to the statement or
 * operation that it stands in or behind on the same line, else to the next one.
 * @param codes every code that there is
 * @param isOff whether the configuration has switched a rule off
 */
export function applyDirectives(
  problems: readonly PlacedProblem[],
  directives: readonly Directive[],
  spans: readonly LineSpan[],
  rules: DirectiveRules,
  codes: readonly string[],
  isOff: (code: string) => boolean,
): PlacedProblem[] {
  const covered = new Set<PlacedProblem>();
  const own: PlacedProblem[] = [];
  for (const directive of directives) {
    const { line, column } = directive;
    const report = (rule: RuleHead, message: string, safe?: string) => own.push({ rule, line, column, message, safe });
    if (directive.reason === '') report(rules.withoutReason, 'This comment switches a rule off without saying why.');
    if (directive.codes.length === 0) report(rules.unknownRule, 'This comment names no rule.');
    const span = directive.wholeFile ? { first: 1, last: Number.POSITIVE_INFINITY } : spanOf(directive, spans);
    for (const code of directive.codes) {
      if (!codes.includes(code)) {
        const near = nearest(code, codes);
        report(
          rules.unknownRule,
          `There is no rule ${code}.`,
          near && `Did you mean ${near}? \`polyshift lint --rules\` lists them.`,
        );
        continue;
      }
      const found = problems.filter((problem) => {
        return problem.rule.code === code && span && problem.line >= span.first && problem.line <= span.last;
      });
      for (const problem of found) covered.add(problem);
      if (found.length === 0 && !isOff(code)) report(rules.unused, `${code} finds nothing here.`);
    }
  }
  return [...problems.filter((problem) => !covered.has(problem)), ...own];
}

function spanOf({ line }: Directive, spans: readonly LineSpan[]): LineSpan | undefined {
  const around = spans.filter(({ first, last }) => first <= line && line <= last);
  // The innermost one: a statement inside of an operation.
  around.sort((left, right) => left.last - left.first - (right.last - right.first));
  return around[0] ?? spans.filter(({ first }) => first > line).sort((left, right) => left.first - right.first)[0];
}
