import { ConversionError, type PortableType, type PortableValue, type SourceDescription, toDynamic } from '@polyshift/core';
import { type LoadedSpec, specError } from '../spec/load-spec.ts';
import type { Rule } from '../spec/rule.ts';
import { type CompiledRule, portableRule } from './compiled-rule.ts';
import type { UserFunctions } from './functions/user-functions.ts';
import { fieldValue, type Input, inputOf } from './input.ts';
import { BatchLosses } from './losses.ts';
import { RuleError } from './rule-error.ts';
import { compileConcatenate } from './rules/concatenate.ts';
import { compileConstant } from './rules/constant.ts';
import { compileExpression } from './rules/expression.ts';
import { compileField, inputField } from './rules/field.ts';
import { compileFunction } from './rules/function.ts';
import { documentTransform, passThrough, rowTransform, type Transform } from './transform.ts';

/** A transform with what it needs from the source. */
export interface CompiledTransform {
  readonly transform: Transform;
  /** The source fields that are needed; undefined for all. */
  readonly reads: readonly string[] | undefined;
}

/**
 * Makes the rules of a spec ready for what a scan gives. `keyField` is the field that holds the key in the target where the store fixes its
 * name (`_id`): where no rule writes it, it is made of the source's key. Throws UNKNOWN_FIELD, UNKNOWN_FUNCTION and INVALID_EXPRESSION with
 * the place of the rule.
 */
export function compileTransform(
  loaded: LoadedSpec,
  description: SourceDescription,
  users: UserFunctions,
  keyField: string | undefined,
): CompiledTransform {
  const input = inputOf(description);
  const losses = new BatchLosses(loaded.spec.on_loss === 'error');
  const named = Object.entries(loaded.transform?.transformation_rules ?? {});
  const rules = named.map(([target, rule]) =>
    placed(loaded, ['transformation_rules', target], () => compileRule(target, rule, input, users, losses)),
  );
  const includeRest = loaded.transform?.include_rest ?? named.length === 0;
  const leftOut = fieldsLeftOut(loaded, input);
  const known = new Set(rules.map((rule) => rule.column.name));
  if (includeRest && !description.dynamic) {
    for (const name of input.names) if (!leftOut.has(name) && !known.has(name)) rules.push(compileField(name, name, input));
  }
  const keyGiven =
    keyField === undefined ||
    rules.some((rule) => rule.column.name === keyField) ||
    (description.dynamic && includeRest && description.key.includes(keyField));
  if (!keyGiven) rules.unshift(keyRule(keyField, description.key, input));
  const reads = includeRest ? undefined : [...new Set([...rules.flatMap((rule) => rule.reads), ...description.key])];
  if (description.dynamic && includeRest) {
    const whole = rules.length === 0 && leftOut.size === 0;
    return { transform: whole ? passThrough([], true, []) : documentTransform(input, rules, leftOut, losses), reads };
  }
  const same =
    !description.dynamic &&
    rules.length === description.columns.length &&
    rules.every((rule, index) => rule.copies === description.columns[index]!.name && rule.column.name === rule.copies);
  return { transform: same ? passThrough(description.columns, false, rules) : rowTransform(input, rules, losses), reads };
}

function compileRule(target: string, rule: Rule, input: Input, users: UserFunctions, losses: BatchLosses): CompiledRule {
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

/** Fields that `drop` names, and those that a rule copies under another name: a renamed field is not kept twice. */
function fieldsLeftOut(loaded: LoadedSpec, input: Input): Set<string> {
  const leftOut = new Set<string>();
  for (const [index, name] of (loaded.transform?.drop ?? []).entries()) {
    placed(loaded, ['drop', index], () => inputField(input, name));
    leftOut.add(name);
  }
  for (const [target, rule] of Object.entries(loaded.transform?.transformation_rules ?? {})) {
    const source = typeof rule === 'string' ? rule : rule.type === 'field' ? rule.field : undefined;
    if (source !== undefined && source !== target) leftOut.add(source);
  }
  return leftOut;
}

/** The key of the source as one field: the value itself, or a document of the key's fields. */
function keyRule(target: string, key: readonly string[], input: Input): CompiledRule {
  if (key.length === 1) return compileField(target, key[0]!, input);
  const fields = key.map((name) => inputField(input, name));
  const type: PortableType = { kind: 'document' };
  return portableRule({
    target,
    type,
    to: undefined,
    reads: key,
    text: `{${key.join(', ')}}`,
    evaluate: (row): PortableValue =>
      new Map(fields.map((field) => [field.name, toDynamic(field.column.type, fieldValue(field, row) ?? null)])),
  });
}

function placed<Result>(loaded: LoadedSpec, path: readonly PropertyKey[], compile: () => Result): Result {
  try {
    return compile();
  } catch (error) {
    const below = ['steps', loaded.index.transform, ...path];
    if (error instanceof RuleError)
      throw specError(loaded, [...below, ...error.path], error.code, error.message, { hint: error.hint });
    if (error instanceof ConversionError) throw specError(loaded, below, 'INVALID_EXPRESSION', error.message);
    throw error;
  }
}
