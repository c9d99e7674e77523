import { ParseError } from '@marcbachmann/cel-js';
import { ConversionError, type PortableValue, shortened } from '@polyshift/core';
import type { ExpressionRule } from '../../spec/rule.ts';
import { celEnvironment } from '../cel/environment.ts';
import { type Identifiers, identifiersOf } from '../cel/identifiers.ts';
import { comprehensionDepth, nestedComprehensions } from '../cel/limits.ts';
import { checkPatterns, withLinearMatches } from '../cel/matches.ts';
import { celType, fromCel, losesDigits, resultType, toCel } from '../cel/values.ts';
import { type CompiledRule, portableRule } from '../compiled-rule.ts';
import { fieldValue, type Input, type InputField } from '../input.ts';
import type { ReportLoss } from '../losses.ts';
import { RuleError } from '../rule-error.ts';
import { inputField } from './field.ts';

/**
 * An expression in CEL, parsed once and checked against the types of the fields. Null or missing fields make the result null, but for those
 * that the expression compares with null itself.
 */
export function compileExpression(target: string, rule: ExpressionRule, input: Input, reportLoss: ReportLoss): CompiledRule {
  const { expression } = rule;
  const identifiers = parsed(expression, input);
  const fields = identifiers.read.map((name) => inputField(input, name, ['expression']));
  const type = resultType(checkedType(expression, fields));
  const evaluateCel = runnable(expression, fields, identifiers);
  const exactTime = type.kind !== 'timestamptz' && type.kind !== 'dynamic';
  const times = fields.filter((field) => celType(field.column.type) === 'google.protobuf.Timestamp');
  return portableRule({
    target,
    type,
    to: rule.to,
    reads: identifiers.read,
    text: expression,
    notes: times.length > 0 && !exactTime ? ['an expression computes with timestamps in milliseconds'] : [],
    evaluate: (row) => {
      const context: Record<string, unknown> = {};
      let anyNull = false;
      let cut: string | undefined;
      for (const field of fields) {
        const value = fieldValue(field, row) ?? null;
        if (value === null) {
          if (!identifiers.nullHandled.has(field.name)) return null;
          anyNull = true;
        } else if (!exactTime && losesDigits(field.column.type, value)) cut = value as string;
        context[field.name] = toCel(field.column.type, value);
      }
      const result = evaluateCel(context, anyNull);
      if (cut !== undefined && result !== null && typeof result === 'string') {
        reportLoss(target, 'microseconds_to_milliseconds', cut, result);
      }
      return result;
    },
  });

  function runnable(text: string, all: readonly InputField[], read: Identifiers) {
    const environment = celEnvironment();
    for (const field of all)
      environment.registerVariable(field.name, read.nullHandled.has(field.name) ? 'dyn' : celType(field.column.type));
    const evaluate = environment.parse(withLinearMatches(environment, text));
    return (context: Record<string, unknown>, anyNull: boolean): PortableValue => {
      let result: unknown;
      try {
        result = evaluate(context);
      } catch (error) {
        // A null that the expression was given has met an operator, or a key is missing in a document: null goes on as null.
        if (anyNull || (error as { code?: string }).code === 'no_such_key') return null;
        const reason = (error as { summary?: string }).summary ?? (error as Error).message;
        throw new ConversionError(`${shortened(text)}: ${reason}`);
      }
      return fromCel(type, result);
    };
  }
}

const nestedTooDeep = { summary: `more than ${nestedComprehensions} comprehensions inside each other` };
const patternHint =
  'Write it without back references and without looking ahead or behind, or compute it by a function of your own.';
const nestedHint = 'Compute it in several rules, or by a function of your own.';

function parsed(expression: string, input: Input): Identifiers {
  try {
    const { ast } = celEnvironment().parse(expression);
    if (comprehensionDepth(ast) > nestedComprehensions) throw invalid(expression, nestedTooDeep, nestedHint);
    checkPatterns(ast);
    return identifiersOf(ast, (name) => input.names.includes(name));
  } catch (error) {
    // Signs in front of each other have no limit but the stack.
    if (error instanceof RangeError) throw invalid(expression, { summary: 'nested too deep' }, nestedHint);
    if (error instanceof ConversionError) throw invalid(expression, { summary: error.message }, patternHint);
    if (!(error instanceof ParseError)) throw error;
    throw invalid(
      expression,
      error,
      'See the language of expressions in the ETL reference; texts stand in single or double quotes.',
    );
  }
}

function checkedType(expression: string, fields: readonly InputField[]): string {
  const environment = celEnvironment();
  for (const { name, column } of fields) {
    try {
      environment.registerVariable(name, celType(column.type));
    } catch {
      const hint = 'Rename it in the source, or compute it by a function, which takes fields of any name.';
      throw invalid(
        expression,
        { summary: `the field ${name} has the name of a type of CEL, which an expression cannot tell it from` },
        hint,
      );
    }
  }
  const result = environment.check(expression);
  if (result.valid) return result.type ?? 'dyn';
  const error = result.error!;
  throw invalid(expression, error, hintFor(error.code, error.summary));
}

function invalid(expression: string, error: { summary: string; range?: { start: number } | undefined }, hint: string): RuleError {
  const at = error.range ? ` at character ${error.range.start + 1}` : '';
  return new RuleError('INVALID_EXPRESSION', `${error.summary}${at} of: ${shortened(expression)}`, {
    path: ['expression'],
    hint,
  });
}

function hintFor(code: string, summary: string): string {
  if (/null/.test(summary))
    return 'A null field makes the result null by itself. Write dyn(...) around both branches to mix null with another type.';
  if (code === 'incompatible_ternary_branches')
    return 'Give both branches one type, by int(), double() or string(), or write dyn(...) around them.';
  if (code === 'no_such_overload') return 'Bring both sides to one type by int(), double(), decimal(), string() or timestamp().';
  return 'Correct the expression; the ETL reference lists the functions and operators.';
}
