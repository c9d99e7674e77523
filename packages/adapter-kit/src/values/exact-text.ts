import { isInt32, type PortableValue, Tagged, typeText } from '@polyshift/core';
import { compareTexts } from './compare-texts.ts';

/** A text that two dynamic values share only where they are the same in type and value, digit by digit: 1.50 is not 1.5, and an int64 is no int32. */
export function exactText(value: PortableValue, sortedFields: boolean): string {
  if (value === null) return 'null';
  switch (typeof value) {
    case 'boolean':
      return String(value);
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return `${isInt32(value) ? 'i' : 'd'}${Object.is(value, -0) ? '-0' : value}`;
    case 'bigint':
      return `l${value}`;
  }
  if (value instanceof Tagged) return `${typeText(value.type)}(${exactText(value.value, sortedFields)})`;
  if (value instanceof Uint8Array) return `x${Buffer.from(value).toString('base64')}`;
  if (Array.isArray(value)) return `[${value.map((each) => exactText(each, sortedFields)).join(',')}]`;
  if (value instanceof Map) {
    const fields = [...value];
    if (sortedFields) fields.sort(([left], [right]) => compareTexts(left, right));
    return `{${fields.map(([name, each]) => `${JSON.stringify(name)}:${exactText(each, sortedFields)}`).join(',')}}`;
  }
  const bounds = [value.lower, value.upper].map((bound) => exactText(bound, sortedFields));
  return `range(${value.empty},${bounds.join(',')},${value.lower_inclusive},${value.upper_inclusive})`;
}
