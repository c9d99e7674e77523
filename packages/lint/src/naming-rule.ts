import type { DefinedName, NameKind } from './naming.ts';
import type { Problem, RuleHead } from './rule.ts';
import type { LintSettings } from './settings.ts';

/** A rule about the names of one kind. */
export interface NamingRule extends RuleHead {
  readonly kind: NameKind;
}

/** Makes the rule about one kind of name. */
export function namingRule(code: string, name: string, kind: NameKind, noun: string): NamingRule {
  return Object.freeze({
    code,
    name,
    kind,
    store: 'any',
    level: 'warning',
    doc: {
      what: `Gives ${noun} a name that \`lint.naming.${kind}\` does not allow.`,
      why: 'Names that follow one rule are found and told apart; changing them later breaks applications.',
      lock: 'Nothing.',
      safe: `A name that matches the expression, or another expression under lint.naming.${kind}. Without one the rule is silent.`,
    },
  });
}

/** What the rules say of names. */
export function checkNames(
  rules: readonly NamingRule[],
  names: readonly DefinedName[],
  { naming }: LintSettings,
): (Problem & { readonly rule: NamingRule })[] {
  return names.flatMap(({ kind, name, at }) => {
    const pattern = naming[kind];
    const rule = rules.find((each) => each.kind === kind);
    if (pattern === undefined || !rule || new RegExp(pattern, 'u').test(name)) return [];
    return { rule, at, message: `The name ${name} does not match ${pattern}.` };
  });
}
