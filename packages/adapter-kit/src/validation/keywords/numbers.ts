import { decimalArithmetic, dynamicType, type JsonObject, type JsonValue, type PortableValue, Tagged } from '@polyshift/core';
import { numberDigits } from '../../values/compare-numbers.ts';
import { compareValues, comparisonKind } from '../../values/compare-values.ts';
import { literalValue } from '../../values/literal.ts';
import { at, invalidSchema, type Keyword, type KeywordContext, type Rule } from '../rule.ts';

/** `minimum`; with `exclusiveMinimum: true` beside it, as in draft 4, the bound itself is too small. */
export const minimum: Keyword = (value, context) =>
  context.schema['exclusiveMinimum'] === true
    ? bound(value, context, (order) => order > 0, 'not greater than')
    : bound(value, context, (order) => order >= 0, 'less than');

/** `maximum`; with `exclusiveMaximum: true` beside it, as in draft 4, the bound itself is too large. */
export const maximum: Keyword = (value, context) =>
  context.schema['exclusiveMaximum'] === true
    ? bound(value, context, (order) => order < 0, 'not less than')
    : bound(value, context, (order) => order <= 0, 'greater than');

/** `exclusiveMinimum`: a bound of its own, or true or false beside `minimum`. */
export const exclusiveMinimum: Keyword = (value, context) =>
  typeof value === 'boolean' ? beside('minimum', context) : bound(value, context, (order) => order > 0, 'not greater than');

/** `exclusiveMaximum`: a bound of its own, or true or false beside `maximum`. */
export const exclusiveMaximum: Keyword = (value, context) =>
  typeof value === 'boolean' ? beside('maximum', context) : bound(value, context, (order) => order < 0, 'not less than');

/** `multipleOf`: computed by decimal digits, so that 0.3 is a multiple of 0.1. */
export const multipleOf: Keyword = (value, context) => {
  const divisor = numberOf(value, context);
  if (compareValues(divisor, 0) <= 0) throw invalidSchema(context.place, 'the keyword needs a number greater than zero');
  const digits = decimalDigits(divisor);
  return (found, path, report) => {
    if (comparisonKind(found) !== 'number') return;
    const own = decimalDigits(found);
    if (!/\d/.test(own) || /[1-9]/.test(decimalArithmetic('%', own, digits))) report(`${at(path)} is no multiple of ${digits}`);
  };
};

function bound(value: JsonValue, context: KeywordContext, holds: (order: number) => boolean, words: string): Rule {
  const limit = numberOf(value, context);
  return (found, path, report) => {
    if (comparisonKind(found) !== 'number') return;
    // NaN is within no bounds.
    if (isNaNValue(found) || !holds(compareValues(found, limit))) report(`${at(path)} is ${words} ${decimalDigits(limit)}`);
  };
}

function beside(name: string, { schema, place }: KeywordContext): Rule {
  if (!Object.hasOwn(schema as JsonObject, name))
    throw invalidSchema(place, `the keyword as true or false needs ${name} beside it`);
  return () => undefined;
}

function numberOf(value: JsonValue, { place }: KeywordContext): PortableValue {
  const number = literalValue(value);
  if (comparisonKind(number) !== 'number') throw invalidSchema(place, 'the keyword needs a number');
  return number;
}

function decimalDigits(value: PortableValue): string {
  const bare = value instanceof Tagged ? value.value : value;
  if (dynamicType(value)?.kind === 'decimal') return String(bare);
  return typeof bare === 'number' ? numberDigits(bare) : String(bare);
}

function isNaNValue(value: PortableValue): boolean {
  const bare = value instanceof Tagged ? value.value : value;
  return bare === 'NaN' || Number.isNaN(bare);
}
