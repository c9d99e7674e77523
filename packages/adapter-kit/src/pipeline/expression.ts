import { type JsonObject, type JsonValue, nearest, type PortableDocument } from '@polyshift/core';
import { valueAt } from '../values/field-path.ts';
import { extendedValue, literalValue } from '../values/literal.ts';
import { type Evaluate, invalid, type Operator } from './operator.ts';
import { conditionOperators } from './operators/conditions.ts';
import { conversionOperators } from './operators/conversions.ts';
import { dateOperators } from './operators/dates.ts';
import { numberOperators } from './operators/numbers.ts';
import { structureOperators } from './operators/structures.ts';
import { textOperators } from './operators/texts.ts';

const operators: Readonly<Record<string, Operator>> = {
  ...textOperators,
  ...numberOperators,
  ...conditionOperators,
  ...conversionOperators,
  ...structureOperators,
  ...dateOperators,
  $literal: (argument) => constant(argument),
};

const variables: Readonly<Record<string, Evaluate>> = {
  $$ROOT: (document) => document,
  $$CURRENT: (document) => document,
  $$REMOVE: () => undefined,
};

/**
 * Compiles an aggregation expression: `'$a.b'` is a field, an object with an operator computes, other objects and lists are made of the expressions
 * in them. Throws INVALID_DOCUMENT, which names an unknown operator and the nearest known one.
 */
export function compileExpression(expression: JsonValue): Evaluate {
  if (typeof expression === 'string') return expression.startsWith('$') ? reference(expression) : () => expression;
  if (expression === null || typeof expression !== 'object') return constant(expression);
  if (Array.isArray(expression)) {
    const elements = expression.map(compileExpression);
    return (document) => elements.map((evaluate) => evaluate(document) ?? null);
  }
  const extended = extendedValue(expression);
  if (extended !== undefined) return () => extended;
  return Object.keys(expression).some((name) => name.startsWith('$')) ? operation(expression) : documentOf(expression);
}

/** Whether an object is computed rather than made of its fields. */
export function isOperation(expression: JsonObject): boolean {
  return Object.keys(expression).some((name) => name.startsWith('$'));
}

function constant(json: JsonValue): Evaluate {
  const value = literalValue(json);
  return () => value;
}

function reference(text: string): Evaluate {
  if (!text.startsWith('$$')) {
    const path = text.slice(1);
    if (path === '') throw invalid('$ names no field', 'Write a text that begins with $ as {$literal: ...}.');
    return (document) => valueAt(document, path);
  }
  const [name = '', ...rest] = text.split('.');
  const variable = Object.hasOwn(variables, name) ? variables[name]! : undefined;
  if (!variable) throw invalid(`there is no variable ${name}`, hint(name, Object.keys(variables), 'Variables'));
  if (rest.length === 0) return variable;
  return (document) => {
    const value = variable(document);
    return value instanceof Map ? valueAt(value, rest.join('.')) : undefined;
  };
}

function operation(expression: JsonObject): Evaluate {
  const [name = '', ...others] = Object.keys(expression);
  if (others.length > 0) throw invalid(`an expression has one operator, not ${[name, ...others].join(', ')}`);
  const operator = Object.hasOwn(operators, name) ? operators[name] : undefined;
  if (!operator) throw invalid(`there is no operator ${name} here`, hint(name, Object.keys(operators), 'Operators'));
  return operator(expression[name]!, compileExpression, name);
}

function documentOf(expression: JsonObject): Evaluate {
  const fields = Object.entries(expression).map(([name, value]) => [name, compileExpression(value)] as const);
  return (document) => {
    const made: PortableDocument = new Map();
    for (const [name, evaluate] of fields) {
      const value = evaluate(document);
      if (value !== undefined) made.set(name, value);
    }
    return made;
  };
}

function hint(name: string, known: readonly string[], what: string): string {
  const close = nearest(name, known);
  return `${close === undefined ? '' : `Did you mean ${close}? `}${what} are ${[...known].sort().join(', ')}.`;
}
