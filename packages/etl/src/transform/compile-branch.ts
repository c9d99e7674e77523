import { nearest, type PortableValue, portableColumn, type SourceDescription } from '@polyshift/core';
import type { BranchSpec } from '../spec/branches.ts';
import { type LoadedSpec, specError } from '../spec/load-spec.ts';
import { compileKey, compileRule, compileRuleKey, placed, type RuleContext } from './compile-rule.ts';
import type { CompiledRule } from './compiled-rule.ts';
import { flattenedInput } from './flattened-input.ts';
import { type Input, inputOf } from './input.ts';
import { RuleError } from './rule-error.ts';
import { compileExpression } from './rules/expression.ts';
import { compileField, inputField } from './rules/field.ts';
import { ruleDocuments, ruleRows, type Shape } from './shape.ts';
import { elementInput, elementsReader, type Unwound, unwoundInput } from './unwound-input.ts';

/** What a branch needs to know of its target. */
export interface TargetKeyField {
  /** The only field of the target's key, where it is known. */
  readonly name: string | undefined;
  /** Whether the store fixes its name: then it is there beside the fields that it is made of. */
  readonly fixed: boolean;
}

/** A branch made ready for one scan. */
export interface CompiledBranch {
  readonly spec: BranchSpec;
  /** Its rows, for the branches below. */
  readonly input: Input;
  /** Its fields as rules see them. */
  readonly fields: Input;
  /** The elements of the row around them; undefined where each row is one. */
  readonly elements: ((row: unknown) => readonly PortableValue[]) | undefined;
  /** Whether a row is taken. */
  readonly takes: ((row: unknown) => boolean) | undefined;
  /** The rules in the order of the target's fields. */
  readonly rules: readonly CompiledRule[];
  readonly shape: Shape;
  /** The source fields that are needed; undefined for all. */
  readonly reads: readonly string[] | undefined;
}

/**
 * Makes the branches of a flow ready for what a scan gives. Throws UNKNOWN_FIELD, UNKNOWN_FUNCTION and INVALID_EXPRESSION with the place of the
 * rule.
 */
export function compileBranches(
  loaded: LoadedSpec,
  branches: readonly BranchSpec[],
  description: SourceDescription,
  context: RuleContext,
  keyFieldOf: (branch: BranchSpec) => TargetKeyField,
): CompiledBranch[] {
  const source = inputOf(description);
  const compiled: CompiledBranch[] = [];
  for (const spec of branches) {
    compiled.push(compileBranch(loaded, spec, compiled, source, description, context, keyFieldOf(spec)));
  }
  return compiled;
}

function compileBranch(
  loaded: LoadedSpec,
  spec: BranchSpec,
  before: readonly CompiledBranch[],
  source: Input,
  description: SourceDescription,
  context: RuleContext,
  keyField: TargetKeyField,
): CompiledBranch {
  const outer = spec.parent === undefined ? source : before[spec.parent]!.input;
  const { unwind } = spec;
  const array = unwind && placed(loaded, unwindPlace(spec), () => inputField(outer, unwind.field));
  const rows = unwind ? unwoundInput(outer, unwind.field, unwind.index_field) : outer;
  const seen = spec.elementOnly ? elementInput([]) : rows;
  const input = spec.flatten ? flattenedInput(seen, spec.flatten, seen.names) : seen;
  const leftOut = fieldsLeftOut(loaded, spec, input);
  const rules = [
    ...inheritedRules(loaded, spec, before),
    ...(spec.positionField === undefined ? [] : [positionRule(spec.positionField)]),
    ...Object.entries(spec.rules).map(([target, rule]) =>
      placed(loaded, [...spec.rulesPlace, target], () => compileRule(target, rule, input, context)),
    ),
  ];
  refuseTwice(loaded, spec, rules);
  const includeRest = spec.include_rest ?? Object.keys(spec.rules).length === 0;
  const known = new Set(rules.map((rule) => rule.column.name));
  if (includeRest && !input.dynamic) {
    for (const name of input.names) if (!leftOut.has(name) && !known.has(name)) rules.push(compileField(name, name, input));
  }
  const restMayHold = input.dynamic && includeRest;
  addKeyField(spec, rules, leftOut, { input, description, restMayHold, keyField });
  const takes = compileWhen(loaded, spec, outer, context);
  return {
    spec,
    input: rows,
    fields: input,
    elements: array && elementsReader(array),
    takes: takes && ((row) => takes.evaluate(row) === true),
    rules,
    shape: shapeOf(spec, input, rules, leftOut, restMayHold, description),
    reads: readsOf(spec, rules, takes, includeRest),
  };
}

function unwindPlace({ elementOnly, place, dropPlace }: BranchSpec): readonly PropertyKey[] {
  return elementOnly ? [...place, 'field'] : [...dropPlace.slice(0, -1), 'unwind', 'field'];
}

function inheritedRules(loaded: LoadedSpec, spec: BranchSpec, before: readonly CompiledBranch[]): CompiledRule[] {
  return spec.inherited.map(({ field, branch, from, row }) => {
    const other = before[branch]!;
    const rule =
      other.rules.find((each) => each.column.name === from) ??
      (other.shape.kind === 'rows' ? undefined : placed(loaded, spec.place, () => compileField(from, from, other.fields)));
    if (!rule) {
      const names = other.rules.map((each) => each.column.name);
      const near = nearest(from, names);
      throw specError(loaded, spec.place, 'UNKNOWN_FIELD', `"${other.spec.target_table}" gets no field "${from}"`, {
        hint: near ? `Did you mean "${near}"?` : `It gets ${names.join(', ')}.`,
      });
    }
    return {
      column: { ...rule.column, name: field },
      reads: rule.reads,
      text: `${other.spec.target_table}.${from}`,
      notes: rule.notes,
      evaluate: row === 'outer' ? (value) => rule.evaluate((value as Unwound).row) : rule.evaluate,
    };
  });
}

function positionRule(field: string): CompiledRule {
  return {
    column: portableColumn(field, { kind: 'int32' }, false),
    reads: [],
    text: 'the position in the array',
    notes: [],
    evaluate: (row) => (row as Unwound).index,
  };
}

function refuseTwice(loaded: LoadedSpec, spec: BranchSpec, rules: readonly CompiledRule[]): void {
  const names = rules.map((rule) => rule.column.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  throw specError(loaded, spec.place, 'INVALID_DOCUMENT', `two things make the field "${twice}" of "${spec.target_table}"`);
}

/** Fields that `drop` names, those that a rule copies under another name, and arrays that have a table of their own. */
function fieldsLeftOut(loaded: LoadedSpec, spec: BranchSpec, input: Input): Set<string> {
  const leftOut = new Set<string>();
  for (const [index, name] of spec.drop.entries()) {
    placed(loaded, [...spec.dropPlace, index], () => inputField(input, name));
    leftOut.add(name);
  }
  for (const [target, rule] of Object.entries(spec.rules)) {
    const source = typeof rule === 'string' ? rule : rule.type === 'field' ? rule.field : undefined;
    if (source !== undefined && source !== target) leftOut.add(source);
  }
  for (const name of spec.unwoundElsewhere) {
    leftOut.add(name);
    if (spec.flatten) leftOut.add(name.replaceAll('.', spec.flatten.separator));
  }
  return leftOut;
}

/** Where no rule makes the field of the target's key, it is made of the key of the source, or of a child's own key. */
function addKeyField(
  spec: BranchSpec,
  rules: CompiledRule[],
  leftOut: Set<string>,
  parts: { input: Input; description: SourceDescription; restMayHold: boolean; keyField: TargetKeyField },
): void {
  const { input, description, restMayHold, keyField } = parts;
  const { name } = keyField;
  if (name === undefined || rules.some((rule) => rule.column.name === name)) return;
  if (spec.elementOnly) {
    const made = (spec.key ?? []).map((field) => rules.find((rule) => rule.column.name === field));
    if (made.length > 0 && made.every((rule) => rule !== undefined)) rules.unshift(compileRuleKey(name, made));
    return;
  }
  // A row of each element has no key of its own in the source.
  if (spec.unwind) return;
  const { key } = description;
  if (key.length === 0 || (restMayHold && (key.includes(name) || (!keyField.fixed && input.names.includes(name))))) return;
  // A name that the spec or the target gives is looked for among the fields first, so that a slip is found.
  if (!keyField.fixed && (key.length > 1 || !restMayHold)) return;
  rules.unshift(compileKey(name, key, input));
  if (!keyField.fixed) leftOut.add(key[0]!);
}

function compileWhen(loaded: LoadedSpec, spec: BranchSpec, input: Input, context: RuleContext): CompiledRule | undefined {
  const { when } = spec;
  if (when === undefined) return undefined;
  const place = [...spec.place, 'when'];
  const rule = placed(loaded, place.slice(0, -1), () => {
    try {
      return compileExpression('when', { type: 'expression', expression: when }, input, context.losses.report);
    } catch (error) {
      if (error instanceof RuleError) throw new RuleError(error.code, error.message, { hint: error.hint, path: ['when'] });
      throw error;
    }
  });
  if (rule.column.type.kind !== 'boolean' && rule.column.type.kind !== 'dynamic') {
    throw specError(loaded, place, 'INVALID_EXPRESSION', 'the expression gives no boolean', {
      hint: "Write a comparison, for example `kind == 'customer'`.",
    });
  }
  return rule;
}

function shapeOf(
  spec: BranchSpec,
  input: Input,
  rules: readonly CompiledRule[],
  leftOut: ReadonlySet<string>,
  restMayHold: boolean,
  description: SourceDescription,
): Shape {
  const untouched = !spec.unwind && !spec.flatten;
  if (restMayHold) {
    if (untouched && rules.length === 0 && leftOut.size === 0) return { kind: 'as_is', columns: [], dynamic: true };
    return ruleDocuments(input, rules, leftOut);
  }
  const inPlace =
    untouched &&
    !description.dynamic &&
    rules.length === description.columns.length &&
    rules.every((rule, index) => rule.copies === description.columns[index]!.name);
  if (!inPlace) return ruleRows(rules);
  if (rules.every((rule) => rule.column.name === rule.copies))
    return { kind: 'as_is', columns: description.columns, dynamic: false };
  // Other names for the same values in their places: the rows themselves do.
  return { kind: 'rows', columns: rules.map((rule) => rule.column), build: (row) => row as readonly unknown[] };
}

function readsOf(
  spec: BranchSpec,
  rules: readonly CompiledRule[],
  takes: CompiledRule | undefined,
  includeRest: boolean,
): readonly string[] | undefined {
  // Names of flattened fields are not those of the source.
  if (!spec.elementOnly && (includeRest || spec.flatten)) return undefined;
  const { unwind } = spec;
  const inherited = new Set(spec.inherited.map(({ field }) => field));
  const own = spec.elementOnly ? rules.filter((rule) => inherited.has(rule.column.name)) : rules;
  return [
    ...own.flatMap((rule) => rule.reads).filter((name) => name !== unwind?.index_field),
    ...(takes?.reads ?? []),
    ...(unwind ? [unwind.field] : []),
  ];
}
