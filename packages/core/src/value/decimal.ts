import { ConversionError, shortened } from './conversion-error.ts';

/** A finite decimal: `unscaled` divided by ten to the power of `scale`. */
export interface Decimal {
  readonly unscaled: bigint;
  /** Digits after the point, from 0. */
  readonly scale: number;
}

/** Digits after the point that a quotient has beyond those of its operands. */
const quotientDigits = 20;

const finite = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,6}))?$/;

/** Parses digits, also with an exponent. Throws ConversionError for anything else, NaN and the infinities included. */
export function parseDecimal(text: string): Decimal {
  const match = finite.exec(text);
  const [, sign, whole = '', fraction = '', exponent = '0'] = match ?? [];
  if (!match || (whole === '' && fraction === '')) throw new ConversionError(`"${shortened(text)}" is not a decimal number`);
  const magnitude = BigInt(`${whole}${fraction}` || '0');
  const unscaled = sign === '-' ? -magnitude : magnitude;
  const scale = fraction.length - Number(exponent);
  return scale >= 0 ? { unscaled, scale } : { unscaled: unscaled * 10n ** BigInt(-scale), scale: 0 };
}

/** The digits of a decimal, never with an exponent; the scale is kept (`1.50`). */
export function decimalText(value: Decimal): string {
  if (value.scale === 0) return value.unscaled.toString();
  const digits = (value.unscaled < 0n ? -value.unscaled : value.unscaled).toString().padStart(value.scale + 1, '0');
  return `${value.unscaled < 0n ? '-' : ''}${digits.slice(0, -value.scale)}.${digits.slice(-value.scale)}`;
}

/** Whether the text of a portable decimal is a number with digits. */
export function isFiniteDecimal(text: string): boolean {
  return text !== 'NaN' && text !== 'Infinity' && text !== '-Infinity';
}

/** Computes on portable decimals exactly; NaN and the infinities go by the rules of IEEE 754. A quotient has 20 digits more than its operands. */
export function decimalArithmetic(operator: '+' | '-' | '*' | '/' | '%', left: string, right: string): string {
  if (!isFiniteDecimal(left) || !isFiniteDecimal(right)) return String(onNumbers(operator, Number(left), Number(right)));
  const [a, b, scale] = aligned(parseDecimal(left), parseDecimal(right));
  switch (operator) {
    case '+':
      return decimalText({ unscaled: a + b, scale });
    case '-':
      return decimalText({ unscaled: a - b, scale });
    case '*': {
      const [first, second] = [parseDecimal(left), parseDecimal(right)];
      return decimalText({ unscaled: first.unscaled * second.unscaled, scale: first.scale + second.scale });
    }
    case '/': {
      if (b === 0n) throw new ConversionError('division by zero');
      const digits = scale + quotientDigits;
      return trimmed({ unscaled: divideRounded(a * 10n ** BigInt(digits), b), scale: digits });
    }
    case '%':
      if (b === 0n) throw new ConversionError('division by zero');
      return decimalText({ unscaled: a % b, scale });
  }
}

/** -1, 0 or 1; NaN is equal to itself and greater than all others, as in PostgreSQL. */
export function compareDecimals(left: string, right: string): number {
  if (!isFiniteDecimal(left) || !isFiniteDecimal(right)) {
    const rank = (text: string) => (text === 'NaN' ? 2 : text === 'Infinity' ? 1 : text === '-Infinity' ? -1 : 0);
    return Math.sign(rank(left) - rank(right));
  }
  const [a, b] = aligned(parseDecimal(left), parseDecimal(right));
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Rounds half away from zero to a number of digits after the point (negative: before it), as SQL does. */
export function roundDecimal(text: string, digits: number): string {
  if (!isFiniteDecimal(text)) return text;
  const value = parseDecimal(text);
  if (digits >= value.scale)
    return decimalText({ unscaled: value.unscaled * 10n ** BigInt(digits - value.scale), scale: digits });
  const rounded = divideRounded(value.unscaled, 10n ** BigInt(value.scale - digits));
  return digits >= 0
    ? decimalText({ unscaled: rounded, scale: digits })
    : decimalText({ unscaled: rounded * 10n ** BigInt(-digits), scale: 0 });
}

function aligned(left: Decimal, right: Decimal): [bigint, bigint, number] {
  const scale = Math.max(left.scale, right.scale);
  return [left.unscaled * 10n ** BigInt(scale - left.scale), right.unscaled * 10n ** BigInt(scale - right.scale), scale];
}

function divideRounded(dividend: bigint, divisor: bigint): bigint {
  const negative = dividend < 0n !== divisor < 0n;
  const [a, b] = [dividend < 0n ? -dividend : dividend, divisor < 0n ? -divisor : divisor];
  const rounded = (a * 2n + b) / (b * 2n);
  return negative ? -rounded : rounded;
}

function trimmed(value: Decimal): string {
  let { unscaled, scale } = value;
  while (scale > 0 && unscaled % 10n === 0n) {
    unscaled /= 10n;
    scale--;
  }
  return decimalText({ unscaled, scale });
}

function onNumbers(operator: '+' | '-' | '*' | '/' | '%', left: number, right: number): number {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
    case '%':
      return left % right;
  }
}
