import { compareDecimals, decimalText, parseDecimal } from '../value/decimal.ts';
import type { JsonValue } from '../value/json.ts';
import type { Expectation } from './check-definition.ts';

/** What of an expectation a value does not meet, in words; empty where it meets all. Digits of any number are compared exactly. */
export function unmet(expectation: Expectation, value: JsonValue): string[] {
  const found: string[] = [];
  for (const [operator, wanted] of Object.entries(expectation) as [keyof Expectation, JsonValue][]) {
    if (wanted === undefined || holds(operator, value, wanted)) continue;
    found.push(`${words[operator]} ${JSON.stringify(wanted)}`);
  }
  return found;
}

const words = { eq: '=', ne: '!=', gt: '>', gte: '>=', lt: '<', lte: '<=' } as const;

function holds(operator: keyof Expectation, value: JsonValue, wanted: JsonValue): boolean {
  const [left, right] = [digits(value), digits(wanted)];
  const order = left === undefined || right === undefined ? undefined : compareDecimals(left, right);
  switch (operator) {
    case 'eq':
      return order === undefined ? JSON.stringify(value) === JSON.stringify(wanted) : order === 0;
    case 'ne':
      return order === undefined ? JSON.stringify(value) !== JSON.stringify(wanted) : order !== 0;
    case 'gt':
      return order !== undefined && order > 0;
    case 'gte':
      return order !== undefined && order >= 0;
    case 'lt':
      return order !== undefined && order < 0;
    case 'lte':
      return order !== undefined && order <= 0;
  }
}

/** A number, or a text of digits as stores give large numbers, as a decimal. */
function digits(value: JsonValue): string | undefined {
  if (typeof value === 'number') return decimalText(parseDecimal(String(value)));
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? value : undefined;
}
