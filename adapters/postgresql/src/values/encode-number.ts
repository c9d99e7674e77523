import { cannotConvert, type TypedValue, type ValueEncoder } from './conversion.ts';
import { plainDecimal, roundDecimal, wholeDigits } from './decimal-text.ts';

const integerKinds = new Set(['int16', 'int32', 'int64']);
const floatKinds = new Set(['float32', 'float64']);

/** Whole numbers within the bounds of the type; a float or decimal only where it is whole, never rounded. */
export function integerEncoder(bits: 16 | 32 | 64, target: string): ValueEncoder {
  const limit = 2n ** BigInt(bits - 1);
  return (source) => {
    const whole = wholeNumber(source);
    if (whole === undefined) throw cannotConvert(source, target, 'it is not a whole number');
    if (whole < -limit || whole >= limit) throw cannotConvert(source, target, 'it is out of range');
    return String(whole);
  };
}

function wholeNumber({ type, value }: TypedValue): bigint | undefined {
  if (integerKinds.has(type.kind)) return BigInt(value as number | bigint);
  if (floatKinds.has(type.kind)) return Number.isInteger(value) ? BigInt(value as number) : undefined;
  if (type.kind !== 'decimal' && type.kind !== 'text') return undefined;
  const match = /^\s*([+-]?\d+)(?:\.0*)?\s*$/.exec(value as string);
  return match ? BigInt(match[1]!.replace('+', '')) : undefined;
}

/**
 * Floats. A decimal counts as exact where the shortest text of the float gives the same digits again; an integer where it comes back
 * whole. What does not is written as the nearest float and named.
 */
export function floatEncoder(single: boolean, target: string): ValueEncoder {
  const round = (value: number): number => (single ? Math.fround(value) : value);
  return (source, lose) => {
    const { type, value } = source;
    if (floatKinds.has(type.kind)) {
      const number = round(value as number);
      if (Number.isFinite(value as number) && !Number.isFinite(number)) throw cannotConvert(source, target, 'it is out of range');
      if (!Object.is(number, value) && !Number.isNaN(number))
        lose('double_to_single', floatText(value as number), floatText(number));
      return serverText(number, single);
    }
    if (integerKinds.has(type.kind)) {
      const number = round(Number(value));
      if (BigInt(number) !== BigInt(value as number | bigint)) lose('integer_to_float', String(value), floatText(number));
      return serverText(number, single);
    }
    if (type.kind === 'decimal' || (type.kind === 'text' && isNumeric(value as string))) {
      const text = (value as string).trim();
      const number = round(Number(text));
      if (!Number.isFinite(number) && /\d/.test(text)) throw cannotConvert(source, target, 'it is out of range');
      if (!sameDecimal(serverText(number, single), text)) lose('decimal_to_float', text, floatText(number));
      return serverText(number, single);
    }
    throw cannotConvert(source, target);
  };
}

/** Decimals of any size; digits beyond the scale of the column are rounded as the server does, and named. */
export function decimalEncoder(precision: number | undefined, scale: number | undefined, target: string): ValueEncoder {
  return (source, lose) => {
    const text = decimalText(source);
    if (text === undefined) throw cannotConvert(source, target);
    if (precision === undefined || text === 'NaN') return text;
    if (text.endsWith('Infinity')) throw cannotConvert(source, target, 'it has no place for infinity');
    const { text: rounded, exact } = roundDecimal(text, scale ?? 0);
    if (wholeDigits(rounded) > precision - (scale ?? 0)) throw cannotConvert(source, target, 'it is out of range');
    if (!exact) lose('decimal_scale', text, rounded);
    return rounded;
  };
}

function decimalText({ type, value }: TypedValue): string | undefined {
  if (integerKinds.has(type.kind)) return String(value);
  if (floatKinds.has(type.kind)) {
    // numeric knows no negative zero: floats that differ from 0 in nothing but the sign are still equal to it.
    return plainDecimal(floatText(value as number)).replace(/^-0$/, '0');
  }
  if (type.kind === 'decimal') return value as string;
  if (type.kind === 'text' && isNumeric(value as string)) return plainDecimal((value as string).trim());
  return undefined;
}

function isNumeric(text: string): boolean {
  return /^\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*$/.test(text) || /^\s*(NaN|[+-]?Infinity)\s*$/.test(text);
}

function floatText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

/**
 * A float as the server prints it, so that a value read back has the same text: the fewest digits that tell it apart, with an exponent
 * below 1e-4 and from 1e15 (a single: 1e6) on.
 */
function serverText(value: number, single: boolean): string {
  if (!Number.isFinite(value) || value === 0) return floatText(value);
  const [mantissa = '', exponent = ''] = shortest(value, single).toExponential().split('e');
  const power = Number(exponent);
  if (power >= -4 && power < (single ? 6 : 15)) return plainDecimal(`${mantissa}e${exponent}`);
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

function shortest(value: number, single: boolean): number {
  for (let digits = 1; single && digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return single ? Number(value.toPrecision(9)) : value;
}

function sameDecimal(left: string, right: string): boolean {
  const strip = (text: string): string => {
    const plain = plainDecimal(text);
    const cut = plain.includes('.') ? plain.replace(/0+$/, '').replace(/\.$/, '') : plain;
    return cut
      .replace(/^(-?)0+(?=\d)/, '$1')
      .replace(/^-0$/, '0')
      .replace(/^(-?)\./, '$10.');
  };
  return strip(left) === strip(right);
}
