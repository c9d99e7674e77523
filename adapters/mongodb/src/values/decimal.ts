import { Decimal128 } from 'mongodb';

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
  if (text.length > 16 || !/^-?\d+(?:\.\d+)?$/.test(text)) return undefined;
  const point = text.indexOf('.');
  const coefficient = Math.abs(Number(point < 0 ? text : text.slice(0, point) + text.slice(point + 1)));
  if (coefficient > 999_999_999_999_999) return undefined;
  const exponent = point < 0 ? 0 : point + 1 - text.length;
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32LE(coefficient % 4_294_967_296, 0);
  bytes.writeUInt32LE(Math.floor(coefficient / 4_294_967_296), 4);
  // Sign, 14 bits of the exponent, 113 bits of the coefficient.
  bytes.writeUInt32LE((((exponent - minExponent) << 17) | (text.startsWith('-') ? 0x8000_0000 : 0)) >>> 0, 12);
  return new Decimal128(bytes);
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
