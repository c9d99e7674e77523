import { type ComparisonOperator, type ConditionNode, type Conditions, type JsonValue, parseConditions } from '@polyshift/core';
import { fits, Placeholders } from './rows/expression.ts';
import type { AttributeValue } from './values/attribute.ts';
import { writtenNumber } from './values/number.ts';

/** An expression that takes its placeholders when it is written: the service refuses those that stand in no expression. */
type Expression = (places: Placeholders) => string;

/**
 * A condition as two expressions of the service: `most` holds for every item that meets it, and for some that do not; `least` holds only for
 * items that meet it. Undefined where there is none of the kind. They differ because a comparison with a list or set holds for its
 * elements too, which the service has no words for; `not` swaps the two.
 */
interface Bounds {
  readonly most: Expression | undefined;
  readonly least: Expression | undefined;
}

const unknown: Bounds = { most: undefined, least: undefined };

const signs: Partial<Record<ComparisonOperator, string>> = { gt: '>', gte: '>=', lt: '<', lte: '<=' };

/**
 * A filter expression that leaves out items which surely do not meet the conditions, so that they need not travel; whoever gets the others
 * looks at each again. Undefined where the service can say nothing of them, or not in 4 KB. Takes its placeholders from `places`.
 */
export function filterExpression(conditions: Conditions | undefined, places: Placeholders): string | undefined {
  const { most } = boundsOf(parseConditions(conditions));
  if (most === undefined) return undefined;
  const trial = most(new Placeholders());
  return fits(trial, trial.match(/[<=>]+|\b(?:AND|OR|NOT)\b|attribute_\w+/g)?.length ?? 0) ? most(places) : undefined;
}

function boundsOf(node: ConditionNode): Bounds {
  switch (node.kind) {
    case 'all': {
      const bounds = node.of.map(boundsOf);
      return {
        most: someOf(
          bounds.map(({ most }) => most),
          'AND',
        ),
        least: allOf(
          bounds.map(({ least }) => least),
          'AND',
        ),
      };
    }
    case 'any': {
      const bounds = node.of.map(boundsOf);
      return {
        most: allOf(
          bounds.map(({ most }) => most),
          'OR',
        ),
        least: someOf(
          bounds.map(({ least }) => least),
          'OR',
        ),
      };
    }
    case 'not':
      return negated(boundsOf(node.of));
    case 'compare':
      // A dotted name may be an attribute or a path, item by item.
      return node.field.includes('.') ? unknown : comparison(node.field, node.operator, node.value);
  }
}

function comparison(field: string, operator: ComparisonOperator, value: JsonValue): Bounds {
  switch (operator) {
    case 'is_null': {
      const missing: Expression = (places) =>
        `(attribute_not_exists(${places.name(field)}) OR ${isOfType(places, field, 'NULL')})`;
      const exact = { most: missing, least: missing };
      return value ? exact : negated(exact);
    }
    case 'eq':
    case 'in':
      return equalToOne(field, operator === 'in' ? value : [value]);
    case 'ne':
    case 'nin':
      return negated(equalToOne(field, operator === 'nin' ? value : [value]));
    default: {
      const operand = typeof value === 'number' ? scalar(value) : undefined;
      const sign = signs[operator];
      if (operand === undefined || sign === undefined) return unknown;
      return orElements(field, (places) => `${places.name(field)} ${sign} ${places.value(operand)}`);
    }
  }
}

function equalToOne(field: string, values: JsonValue): Bounds {
  const operands = Array.isArray(values) ? values.map(scalar) : [];
  if (operands.length === 0 || operands.includes(undefined)) return unknown;
  return orElements(field, (places) =>
    joined(
      operands.map((operand) => `${places.name(field)} = ${places.value(operand!)}`),
      'OR',
    ),
  );
}

/** Elements of lists and sets may meet a comparison that the whole does not; and a text is also compared with binary. */
function orElements(field: string, exact: Expression): Bounds {
  const most: Expression = (places) =>
    joined([exact(places), ...['L', 'SS', 'NS', 'BS', 'B'].map((type) => isOfType(places, field, type))], 'OR');
  return { most, least: exact };
}

function isOfType(places: Placeholders, field: string, type: string): string {
  return `attribute_type(${places.name(field)}, ${places.value({ S: type })})`;
}

function negated({ most, least }: Bounds): Bounds {
  return { most: least && not(least), least: most && not(most) };
}

/** The service refuses parentheses around parentheses. */
function not(expression: Expression): Expression {
  return (places) => {
    const text = expression(places);
    return text.startsWith('(') ? `NOT ${text}` : `NOT (${text})`;
  };
}

/** Those that are known; undefined where none is. */
function someOf(expressions: readonly (Expression | undefined)[], word: 'AND' | 'OR'): Expression | undefined {
  const known = expressions.filter((each) => each !== undefined);
  return known.length === 0
    ? undefined
    : (places) =>
        joined(
          known.map((each) => each(places)),
          word,
        );
}

/** All of them; undefined where one is not known. */
function allOf(expressions: readonly (Expression | undefined)[], word: 'AND' | 'OR'): Expression | undefined {
  return expressions.includes(undefined) ? undefined : someOf(expressions, word);
}

/** What the service compares just as conditions do; undefined for everything else. */
function scalar(value: JsonValue): AttributeValue | undefined {
  if (typeof value === 'boolean') return { BOOL: value };
  if (typeof value === 'string') return { S: value };
  const number = typeof value === 'number' ? writtenNumber(String(value)) : undefined;
  return number === undefined || number.rounded ? undefined : { N: number.text };
}

function joined(expressions: readonly string[], word: 'AND' | 'OR'): string {
  return expressions.length === 1 ? expressions[0]! : `(${expressions.join(` ${word} `)})`;
}
