import {
  decimalArithmetic,
  dynamicType,
  isInt32,
  isNumeric,
  type PortableValue,
  parseDecimal,
  Tagged,
  toDynamic,
} from '@polyshift/core';
import { numberDigits } from '../values/compare-numbers.ts';
import { unfit } from './operator.ts';

/** The signs of arithmetic. */
export type Sign = '+' | '-' | '*' | '/' | '%';

/** How a number is brought to fewer digits. `half_even` rounds a half to the even digit, as MongoDB does. */
export type Rounding = 'half_even' | 'truncate' | 'floor' | 'ceil';

type Operand =
  | { readonly rank: 0; readonly value: number }
  | { readonly rank: 1; readonly value: bigint }
  | { readonly rank: 2; readonly value: number }
  | { readonly rank: 3; readonly value: string };

const [int64Least, int64Below] = [-(2n ** 63n), 2n ** 63n];

/**
 * Computes with the wider of two types (int32, int64, float64, decimal). Whole numbers that outgrow int32 become int64, and beyond that a decimal; nothing wraps
 * or is rounded but by float64 itself. A quotient of whole numbers is whole where it can be, else a float64. Throws CONVERSION_FAILED.
 */
export function compute(sign: Sign, left: PortableValue, right: PortableValue, name: string): PortableValue {
  const [a, b] = [operand(left, name), operand(right, name)];
  if ((sign === '/' || sign === '%') && isZero(b)) throw unfit(name, 'a divisor other than zero', right);
  if (a.rank === 3 || b.rank === 3) return decimal(decimalArithmetic(sign, digits(a), digits(b)));
  if (a.rank === 2 || b.rank === 2) return float(onFloats(sign, Number(a.value), Number(b.value)));
  const [x, y] = [BigInt(a.value), BigInt(b.value)];
  const narrow = a.rank === 0 && b.rank === 0;
  switch (sign) {
    case '+':
      return whole(x + y, narrow);
    case '-':
      return whole(x - y, narrow);
    case '*':
      return whole(x * y, narrow);
    case '%':
      return whole(x % y, narrow);
    case '/':
      return x % y === 0n ? whole(x / y, narrow) : float(Number(decimalArithmetic('/', String(x), String(y))));
  }
}

/** A number with the digits after the point that are asked for (before it, if negative), of its own type. Throws CONVERSION_FAILED. */
export function rounded(value: PortableValue, places: number, rounding: Rounding, name: string): PortableValue {
  const number = operand(value, name);
  if (!hasDigits(number)) return value;
  const text = roundDigits(digits(number), places, rounding);
  if (number.rank === 3) return decimal(text);
  return number.rank === 2 ? float(Number(text)) : whole(BigInt(text), number.rank === 0);
}

/** A number without its sign. Throws CONVERSION_FAILED. */
export function absolute(value: PortableValue, name: string): PortableValue {
  const number = operand(value, name);
  if (number.rank === 3) return decimal(number.value.replace(/^-/, ''));
  if (number.rank === 2) return float(Math.abs(number.value));
  const big = BigInt(number.value);
  return whole(big < 0n ? -big : big, number.rank === 0);
}

function operand(value: PortableValue, name: string): Operand {
  const type = dynamicType(value);
  if (type === undefined || !isNumeric(type.kind)) throw unfit(name, 'numbers', value);
  const bare = value instanceof Tagged ? value.value : value;
  switch (type.kind) {
    case 'decimal':
      return { rank: 3, value: bare as string };
    case 'int64':
      return { rank: 1, value: bare as bigint };
    case 'float32':
    case 'float64':
      return { rank: 2, value: bare as number };
    default:
      return { rank: 0, value: bare as number };
  }
}

function isZero(operand: Operand): boolean {
  return hasDigits(operand) && !/[1-9]/.test(digits(operand));
}

/** Whether it is a number rather than NaN or infinite. */
function hasDigits(operand: Operand): boolean {
  return /\d/.test(digits(operand));
}

function digits({ value }: Operand): string {
  return typeof value === 'number' ? numberDigits(value) : String(value);
}

function onFloats(sign: Sign, left: number, right: number): number {
  return Number({ '+': left + right, '-': left - right, '*': left * right, '/': left / right, '%': left % right }[sign]);
}

function whole(value: bigint, narrow: boolean): PortableValue {
  if (narrow && isInt32(Number(value))) return Number(value);
  return value >= int64Least && value < int64Below ? value : decimal(String(value));
}

function float(value: number): PortableValue {
  return toDynamic({ kind: 'float64' }, value);
}

function decimal(text: string): PortableValue {
  return new Tagged({ kind: 'decimal' }, text);
}

function roundDigits(text: string, places: number, rounding: Rounding): string {
  const { unscaled, scale } = parseDecimal(text);
  if (places >= scale) return text;
  const unit = 10n ** BigInt(scale - places);
  let quotient = unscaled / unit;
  const rest = unscaled % unit;
  if (rounding === 'floor' && rest < 0n) quotient--;
  else if (rounding === 'ceil' && rest > 0n) quotient++;
  else if (rounding === 'half_even') {
    const doubled = (rest < 0n ? -rest : rest) * 2n;
    if (doubled > unit || (doubled === unit && quotient % 2n !== 0n)) quotient += unscaled < 0n ? -1n : 1n;
  }
  return decimalArithmetic('*', String(quotient), places >= 0 ? powerBelow(places) : String(10n ** BigInt(-places)));
}

/** 10^-places as digits. */
function powerBelow(places: number): string {
  return places === 0 ? '1' : `0.${'0'.repeat(places - 1)}1`;
}
