import { compareDecimals, digitsOf } from '@polyshift/core';

/** A number in a form that loses nothing: a float64, an int64, or the digits of a decimal. */
export type ExactNumber = number | bigint | string;

/** From here on numbers stand for their shortest digits: decimals alone are that large, and 1e23 is meant to be 10^23. */
const wholeLimit = 1e21;

/** The digits that a float64 stands for: all of them where it is whole, else the fewest that tell it from its neighbours. */
export function numberDigits(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < wholeLimit) return BigInt(value).toString();
  return digitsOf({ kind: 'float64' }, value);
}

/** The digits that a float32 stands for: the fewest that tell it from its neighbours among the float32. */
export function singleDigits(value: number): string {
  if (Number.isInteger(value) || !Number.isFinite(value)) return numberDigits(value);
  for (let digits = 1; digits < 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return digitsOf({ kind: 'text' }, text);
  }
  return digitsOf({ kind: 'text' }, value.toPrecision(9));
}

/** -1, 0 or 1, without rounding: 2^53 + 1 is greater than 2^53, and 0.1 equals the decimal 0.1. -0 equals 0; NaN equals itself and is the greatest. */
export function compareNumbers(left: ExactNumber, right: ExactNumber): number {
  if (typeof left === 'string' || typeof right === 'string') return compareDecimals(digitsText(left), digitsText(right));
  if (left < right) return -1;
  if (left > right) return 1;
  const [leftIsNaN, rightIsNaN] = [Number.isNaN(left), Number.isNaN(right)];
  return leftIsNaN === rightIsNaN ? 0 : leftIsNaN ? 1 : -1;
}

function digitsText(value: ExactNumber): string {
  return typeof value === 'number' ? numberDigits(value) : String(value);
}
