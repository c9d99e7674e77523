import { Decimal128 } from 'mongodb';
import { putSmallDecimal, type SmallDecimal } from '../bson/small-decimal.ts';

/** Digits of a Decimal128, and the range of the exponent of its last digit. */
const maxDigits = 34;
const maxExponent = 6111;
const minExponent = -6176;

/** The decimal of a Decimal128 without an exponent, as portable decimals are written: `-12.50`, `NaN`, `Infinity`. */
export function decimalText(value: Decimal128): string {
  const text = value.toString();
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:E([+-]?\d+))?$/.exec(text);
  if (!match) return text;
  const [, sign, whole, fraction = '', exponent = '0'] = match;
  const shift = Number(exponent);
  if (shift === 0) return text;
  const digits = whole! + fraction;
  const point = whole!.length + shift;
  if (point >= digits.length) return `${sign}${trimLeft(digits.padEnd(point, '0'))}`;
  if (point > 0) return `${sign}${trimLeft(digits.slice(0, point))}.${digits.slice(point)}`;
  return `${sign}0.${'0'.repeat(-point)}${digits}`;
}

/** A portable decimal as a Decimal128; `exact` is false where it has more than 34 significant digits or is out of range, and was rounded. */
export function toDecimal128(text: string): { value: Decimal128; exact: boolean } {
  const quick = smallDecimal(text);
  if (quick) return { value: quick, exact: true };
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (!match || (match[2] === '' && !match[3])) return { value: Decimal128.fromString(text), exact: true };
  const [, sign, whole = '', fraction = '', scientific = '0'] = match;
  let digits = trimLeft(whole + fraction);
  let exponent = Number(scientific) - fraction.length;
  let exact = true;
  // Trailing zeros cost digits without saying anything about the value: they go first.
  while (digits.length > maxDigits && digits.endsWith('0')) {
    digits = digits.slice(0, -1);
    exponent++;
  }
  if (digits.length > maxDigits || exponent < minExponent) {
    const drop = Math.max(digits.length - maxDigits, minExponent - exponent);
    const rounded = dropDigits(digits, drop);
    exact = rounded.exact;
    digits = rounded.digits;
    exponent += drop;
    if (digits.length > maxDigits) {
      digits = digits.slice(0, -1);
      exponent++;
    }
  }
  while (exponent > maxExponent && digits.length < maxDigits && digits !== '0') {
    digits += '0';
    exponent--;
  }
  if (digits === '0') exponent = Math.min(Math.max(exponent, minExponent), maxExponent);
  if (exponent > maxExponent) return { value: Decimal128.fromString(`${sign}Infinity`), exact: false };
  return { value: Decimal128.fromString(`${sign === '-' ? '-' : ''}${digits}E${exponent}`), exact };
}

/** Decimals of at most 15 digits, put together without arithmetic on big integers; undefined for all others. */
function smallDecimal(text: string): Decimal128 | undefined {
  const parts = decimalParts(text);
  if (!parts) return undefined;
  const bytes = new Uint8Array(16);
  putSmallDecimal(new DataView(bytes.buffer), 0, parts);
  return new Decimal128(bytes);
}

/** The parts of a decimal of at most 15 digits; undefined for all others. */
export function decimalParts(text: string): SmallDecimal | undefined {
  const { length } = text;
  const negative = text.charCodeAt(0) === 45;
  let coefficient = 0;
  let digits = 0;
  let point = -1;
  for (let index = negative ? 1 : 0; index < length; index++) {
    const digit = text.charCodeAt(index) - 48;
    if (digit >= 0 && digit <= 9) {
      coefficient = coefficient * 10 + digit;
      digits++;
    } else if (digit === -2 && point < 0 && digits > 0) point = index;
    else return undefined;
  }
  if (digits === 0 || digits > 15 || point === length - 1) return undefined;
  const exponent = point < 0 ? 0 : point + 1 - length;
  return { coefficient, high: (((exponent - minExponent) << 17) | (negative ? 0x8000_0000 : 0)) >>> 0 };
}

/** Takes digits off the end and rounds half to even. */
function dropDigits(digits: string, drop: number): { digits: string; exact: boolean } {
  if (drop > digits.length) return { digits: '0', exact: digits === '0' };
  const kept = digits.slice(0, digits.length - drop) || '0';
  const dropped = digits.slice(digits.length - drop);
  if (/^0*$/.test(dropped)) return { digits: kept, exact: true };
  const half = dropped[0]! > '5' || (dropped[0] === '5' && (/[1-9]/.test(dropped.slice(1)) || Number(kept.at(-1)) % 2 === 1));
  return { digits: half ? (BigInt(kept) + 1n).toString() : kept, exact: false };
}

function trimLeft(digits: string): string {
  return digits.replace(/^0+(?=\d)/, '');
}
