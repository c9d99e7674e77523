import { ConversionError, type PortableType, type PortableValue, toDynamic } from '@polyshift/core';
import { type LoadedSpec, specError } from '../spec/load-spec.ts';
import type { Rule } from '../spec/rule.ts';
import { type CompiledRule, portableRule } from './compiled-rule.ts';
import type { UserFunctions } from './functions/user-functions.ts';
import { fieldValue, type Input } from './input.ts';
import type { BatchLosses } from './losses.ts';
import { RuleError } from './rule-error.ts';
import { compileConcatenate } from './rules/concatenate.ts';
import { compileConstant } from './rules/constant.ts';
import { compileExpression } from './rules/expression.ts';
import { compileField, inputField } from './rules/field.ts';
import { compileFunction } from './rules/function.ts';

/** What rules are compiled with. */
export interface RuleContext {
  readonly users: UserFunctions;
  readonly losses: BatchLosses;
}

/** Makes one rule ready. Throws RuleError and ConversionError. */
export function compileRule(target: string, rule: Rule, input: Input, { users, losses }: RuleContext): CompiledRule {
  if (typeof rule === 'string') return compileField(target, rule, input);
  switch (rule.type) {
    case 'field':
      return compileField(target, rule.field, input);
    case 'concatenate':
      return compileConcatenate(target, rule, input);
    case 'function':
      return compileFunction(target, rule, input, users);
    case 'expression':
      return compileExpression(target, rule, input, losses.report);
    case 'constant':
      return compileConstant(target, rule);
  }
}

/** A key as one field: the value itself, or a document of the key's fields. */
export function compileKey(target: string, key: readonly string[], input: Input): CompiledRule {
  if (key.length === 1) return compileField(target, key[0]!, input);
  const fields = key.map((name) => inputField(input, name));
  return documentOf(
    target,
    fields.map((field) => ({
      name: field.name,
      value: (row) => toDynamic(field.column.type, fieldValue(field, row) ?? null),
    })),
    key,
  );
}

/** The fields that rules make as one field: the value itself, or a document of them. */
export function compileRuleKey(target: string, key: readonly CompiledRule[]): CompiledRule {
  const [only] = key;
  if (key.length === 1 && only) return { ...only, column: { ...only.column, name: target } };
  return documentOf(
    target,
    key.map((rule) => ({
      name: rule.column.name,
      value: (row) => {
        const raw = rule.evaluate(row);
        return raw === null || raw === undefined ? null : toDynamic(rule.column.type, rule.column.decode(raw));
      },
    })),
    key.flatMap((rule) => rule.reads),
  );
}

function documentOf(
  target: string,
  fields: readonly { readonly name: string; readonly value: (row: unknown) => PortableValue }[],
  reads: readonly string[],
): CompiledRule {
  const type: PortableType = { kind: 'document' };
  return portableRule({
    target,
    type,
    to: undefined,
    reads,
    text: `{${fields.map(({ name }) => name).join(', ')}}`,
    evaluate: (row): PortableValue => new Map(fields.map(({ name, value }) => [name, value(row)])),
  });
}

/** Compiles something of the spec; a fault in it becomes an error with its place. */
export function placed<Result>(loaded: LoadedSpec, path: readonly PropertyKey[], compile: () => Result): Result {
  try {
    return compile();
  } catch (error) {
    if (error instanceof RuleError) {
      throw specError(loaded, [...path, ...error.path], error.code, error.message, { hint: error.hint });
    }
    if (error instanceof ConversionError) throw specError(loaded, path, 'INVALID_EXPRESSION', error.message);
    throw error;
  }
}
