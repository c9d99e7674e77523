/** Significant digits that a number has at most. */
const maxDigits = 38;

/** Exponents of the first digit: magnitudes from 1E-130 to 9.99E+125. */
const leastExponent = -130;
const mostExponent = 125;

/** A decimal text in parts: `digits` without zeros at either end, times ten to the power of `exponent`. */
interface Parts {
  readonly sign: '' | '-';
  readonly digits: string;
  readonly exponent: number;
}

/** What becomes of a number: the text to write, and whether it had to be rounded. */
export interface WrittenNumber {
  readonly text: string;
  readonly rounded: boolean;
}

/** A decimal text (an exponent allowed) as DynamoDB holds numbers; undefined where its magnitude is out of range, or it is no number (NaN, infinities). */
export function writtenNumber(text: string): WrittenNumber | undefined {
  const parts = partsOf(text);
  if (!parts) return undefined;
  if (parts.digits === '') return { text: '0', rounded: false };
  const kept = parts.digits.length > maxDigits ? roundToDigits(parts) : parts;
  const first = kept.exponent + kept.digits.length - 1;
  if (first > mostExponent || first < leastExponent) return undefined;
  return { text: plainText(kept), rounded: kept !== parts };
}

/** A number as the service gives it, without an exponent and without zeros that mean nothing. */
export function numberText(text: string): string {
  const parts = partsOf(text);
  return parts === undefined ? text : plainText(parts);
}

function partsOf(text: string): Parts | undefined {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,6}))?$/.exec(text);
  if (!match) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  if (whole === '' && fraction === '') return undefined;
  const all = `${whole}${fraction}`.replace(/^0+/, '');
  const digits = all.replace(/0+$/, '');
  return { sign: sign === '-' ? '-' : '', digits, exponent: Number(exponent) - fraction.length + all.length - digits.length };
}

/** Half to even. */
function roundToDigits({ sign, digits, exponent }: Parts): Parts {
  const kept = digits.slice(0, maxDigits);
  const rest = digits.slice(maxDigits);
  const half = `5${'0'.repeat(rest.length - 1)}`;
  const up = rest > half || (rest === half && Number(kept.at(-1)) % 2 === 1);
  const rounded = up ? (BigInt(kept) + 1n).toString() : kept;
  const trimmed = rounded.replace(/0+$/, '');
  return { sign, digits: trimmed, exponent: exponent + rest.length + rounded.length - trimmed.length };
}

function plainText({ sign, digits, exponent }: Parts): string {
  if (digits === '') return '0';
  if (exponent >= 0) return `${sign}${digits}${'0'.repeat(exponent)}`;
  const point = digits.length + exponent;
  return point > 0 ? `${sign}${digits.slice(0, point)}.${digits.slice(point)}` : `${sign}0.${'0'.repeat(-point)}${digits}`;
}
