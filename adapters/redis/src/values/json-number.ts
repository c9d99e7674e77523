import { compareDecimals, digitsOf, isInt32, type PortableValue, Tagged } from '@polyshift/core';

/** The value that a JSON number stands for, with all its digits: int32, int64, float64 where that is exact, else a decimal. */
export function numberValue(text: string): PortableValue {
  if (text === '-0') return -0;
  if (/^-?\d+$/.test(text)) {
    const number = Number(text);
    if (isInt32(number)) return number;
    const integer = BigInt(text);
    return BigInt.asIntN(64, integer) === integer ? integer : new Tagged({ kind: 'decimal' }, text);
  }
  const number = Number(text);
  const digits = digitsOf({ kind: 'text' }, text);
  const exact = Number.isFinite(number) && compareDecimals(digitsOf({ kind: 'float64' }, number), digits) === 0;
  if (!exact) return new Tagged({ kind: 'decimal' }, digits);
  return isInt32(number) ? new Tagged({ kind: 'float64' }, number) : number;
}

/** A float as a JSON number that reads as a float again; undefined for NaN and the infinities, which JSON does not have. */
export function floatLiteral(value: number): string | undefined {
  if (!Number.isFinite(value)) return undefined;
  if (Object.is(value, -0)) return '-0';
  const text = String(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

/** A decimal as a JSON number, where it reads as the same decimal again and as nothing else; else undefined. */
export function decimalLiteral(digits: string): string | undefined {
  if (!/^-?\d+(?:\.\d+)?$/.test(digits) || /^-?0\d/.test(digits)) return undefined;
  const back = numberValue(digits);
  return back instanceof Tagged && back.type.kind === 'decimal' && back.value === digits ? digits : undefined;
}
