import { compareDecimals, isInteger, roundDecimal } from '@polyshift/core';
import { typeParts } from '../types.ts';
import { cannotConvert, type TypedValue, type ValueEncoder } from './conversion.ts';

const bits: Readonly<Record<string, number>> = { tinyint: 8, smallint: 16, mediumint: 24, int: 32, bigint: 64 };
const numeric = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,6})?$/;

/** Whole numbers within the bounds of the type; a float or decimal only where it is whole, never rounded. */
export function integerEncoder(native: string): ValueEncoder {
  const { word, unsigned } = typeParts(native);
  const [from, below] = word === 'year' ? [0n, 2156n] : boundsOf(bits[word] ?? 64, unsigned);
  return (source) => {
    const digits = digitsOf(source);
    if (digits === undefined || !/^-?\d+(\.0*)?$/.test(digits)) throw cannotConvert(source, native, 'it is not a whole number');
    const whole = BigInt(digits.replace(/\..*/, ''));
    if (whole < from || whole >= below) throw cannotConvert(source, native, 'it is out of range');
    return word === 'bigint' ? String(whole) : Number(whole);
  };
}

function boundsOf(size: number, unsigned: boolean): [bigint, bigint] {
  return unsigned ? [0n, 1n << BigInt(size)] : [-(1n << BigInt(size - 1)), 1n << BigInt(size - 1)];
}

/** Booleans as 0 and 1; numbers and texts only where they are plainly one. A number that is none stays what it is. */
export const booleanEncoder: ValueEncoder = (source) => {
  const { type, value } = source;
  if (type.kind === 'boolean') return value ? 1 : 0;
  if (isInteger(type.kind) && Number(value) >= -128 && Number(value) <= 127) return Number(value);
  if (type.kind === 'text' && /^(true|false|t|f)$/i.test(value as string)) return /^t/i.test(value as string) ? 1 : 0;
  throw cannotConvert(source, 'tinyint(1)');
};

/**
 * Floats. A decimal counts as exact where the shortest text of the float gives the same digits again; an integer where it comes back
 * whole. What does not is written as the nearest float and named. There are neither NaN nor infinities, and MariaDB has no zero with a sign:
 * on both servers it loses it.
 */
export function floatEncoder(single: boolean, native: string): ValueEncoder {
  const round = (value: number): number => (single ? Math.fround(value) : value);
  return (source, lose) => {
    const { type, value } = source;
    const digits = digitsOf(source);
    if (digits === undefined) throw cannotConvert(source, native);
    if (Object.is(value, -0)) {
      lose('negative_zero', '-0', '0');
      return 0;
    }
    const number = round(typeof value === 'number' ? value : Number(digits));
    if (!Number.isFinite(number)) throw cannotConvert(source, native, 'it is out of range');
    if (type.kind === 'float32' || type.kind === 'float64') {
      if (!Object.is(number, value)) lose('double_to_single', String(value), String(number));
    } else if (isInteger(type.kind)) {
      if (BigInt(number) !== BigInt(digits)) lose('integer_to_float', digits, String(number));
    } else if (compareDecimals(shortest(number, single), digits) !== 0) lose('decimal_to_float', digits, String(number));
    return number;
  };
}

/** Decimals; digits beyond the scale of the column are rounded as the server does, and named. */
export function decimalEncoder(native: string): ValueEncoder {
  const { numbers, unsigned, word } = typeParts(native);
  const [precision, scale] = word === 'bigint' ? [20, 0] : [numbers[0] ?? 10, numbers[1] ?? 0];
  return (source, lose) => {
    const digits = digitsOf(source);
    if (digits === undefined || !numeric.test(digits)) throw cannotConvert(source, native);
    const rounded = roundDecimal(digits, scale).replace(/^-(?=0*(?:\.0*)?$)/, '');
    if (rounded.replace(/^-?0*|\..*/g, '').length > precision - scale) throw cannotConvert(source, native, 'it is out of range');
    if (unsigned && rounded.startsWith('-')) throw cannotConvert(source, native, 'it is negative');
    if (compareDecimals(rounded, digits) !== 0) lose('decimal_scale', digits, rounded);
    return rounded;
  };
}

/** The digits of a number, also of one that stands in a text. */
function digitsOf({ type, value }: TypedValue): string | undefined {
  switch (type.kind) {
    case 'boolean':
      return value ? '1' : '0';
    case 'int16':
    case 'int32':
    case 'int64':
      return String(value);
    case 'float32':
    case 'float64':
      return Number.isFinite(value) ? roundlessText(value as number) : undefined;
    case 'decimal':
      return numeric.test(value as string) ? (value as string) : undefined;
    case 'text':
      return numeric.test((value as string).trim()) ? (value as string).trim() : undefined;
    default:
      return undefined;
  }
}

/** A float's shortest text without an exponent. */
function roundlessText(value: number): string {
  const text = String(value);
  if (!/e/i.test(text)) return text;
  const [mantissa = '', exponent = '0'] = text.split('e');
  const fraction = (mantissa.split('.')[1] ?? '').length;
  return roundDecimal(text, Math.max(fraction - Number(exponent), 0));
}

function shortest(value: number, single: boolean): string {
  for (let digits = 1; single && digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return roundlessText(short);
  }
  return roundlessText(value);
}
