import { dynamicType, isTime, type PortableValue } from '@polyshift/core';
import { plainForm } from '../../values/plain-form.ts';
import { absolute, compute, type Rounding, rounded, type Sign } from '../exact-arithmetic.ts';
import { addMilliseconds, millisecondsBetween } from '../instants.ts';
import { type Operator, ofPresent, unfit } from '../operator.ts';

/** The operators on numbers, and those that take dates beside them. Null where an argument is null or missing. */
export const numberOperators: Readonly<Record<string, Operator>> = {
  $add: ofPresent({ least: 1 }, (values, name) => {
    const instant = values.find(isInstant);
    const numbers = instant === undefined ? values : values.filter((value) => value !== instant);
    if (numbers.some(isInstant)) throw unfit(name, 'one date at most', instant);
    const sum = numbers.reduce((left, right) => compute('+', left, right, name), 0 as PortableValue);
    return instant === undefined ? sum : addMilliseconds(instant, sum, 1n, name);
  }),
  $subtract: ofPresent({ least: 2, most: 2 }, ([left, right], name) => {
    if (isInstant(left!) && isInstant(right!)) return millisecondsBetween(left!, right!);
    return isInstant(left!) ? addMilliseconds(left!, right!, -1n, name) : compute('-', left!, right!, name);
  }),
  $multiply: ofPresent({ least: 1 }, (values, name) =>
    values.reduce((left, right) => compute('*', left, right, name), 1 as PortableValue),
  ),
  $divide: binary('/'),
  $mod: binary('%'),
  $abs: ofPresent({ least: 1, most: 1 }, ([value], name) => absolute(value!, name)),
  $floor: ofPresent({ least: 1, most: 1 }, ([value], name) => rounded(value!, 0, 'floor', name)),
  $ceil: ofPresent({ least: 1, most: 1 }, ([value], name) => rounded(value!, 0, 'ceil', name)),
  $round: toPlaces('half_even'),
  $trunc: toPlaces('truncate'),
};

function binary(sign: Sign): Operator {
  return ofPresent({ least: 2, most: 2 }, ([left, right], name) => compute(sign, left!, right!, name));
}

function toPlaces(rounding: Rounding): Operator {
  return ofPresent({ least: 1, most: 2 }, ([value, places], name) => {
    const count = Number(places ?? 0);
    if (!Number.isInteger(count) || count < -20 || count > 100) throw unfit(name, 'a number of places from -20 to 100', places);
    return rounded(value!, count, rounding, name);
  });
}

function isInstant(value: PortableValue): boolean {
  const type = dynamicType(plainForm(value));
  return type !== undefined && isTime(type.kind);
}
