import type { CompiledRule } from '../compiled-rule.ts';
import type { Input, InputField } from '../input.ts';
import { RuleError } from '../rule-error.ts';

/** A field of the source. Throws UNKNOWN_FIELD with the nearest name. */
export function inputField(input: Input, name: string, path: readonly PropertyKey[] = []): InputField {
  const field = input.field(name);
  if (field) return field;
  const near = input.nearest(name);
  const known = input.names.slice(0, 12).join(', ');
  throw new RuleError('UNKNOWN_FIELD', `the source has no field "${name}"`, {
    path,
    hint: near ? `Did you mean "${near}"?` : `It has ${known}${input.names.length > 12 ? ', ...' : ''}.`,
  });
}

/** Copies a field: the raw value goes on as it is, so that a copy costs nothing. */
export function compileField(target: string, source: string, input: Input): CompiledRule {
  const field = inputField(input, source);
  return {
    column: { ...field.column, name: target },
    copies: source,
    reads: [source],
    text: source,
    notes: [],
    evaluate: field.read,
  };
}
