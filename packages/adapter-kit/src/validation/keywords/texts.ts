import { dynamicType, type PortableValue, Tagged } from '@polyshift/core';
import { at, countOf, type Keyword, patternOf } from '../rule.ts';

/** `minLength`, in code points. */
export const minLength: Keyword = (value, context) => {
  const count = countOf(value, context);
  return (found, path, report) => {
    const text = textOf(found);
    if (text !== undefined && [...text].length < count) report(`${at(path)} is shorter than ${count} characters`);
  };
};

/** `maxLength`, in code points. */
export const maxLength: Keyword = (value, context) => {
  const count = countOf(value, context);
  return (found, path, report) => {
    const text = textOf(found);
    if (text !== undefined && [...text].length > count) report(`${at(path)} is longer than ${count} characters`);
  };
};

/** `pattern`: a regular expression of JavaScript, which matches anywhere unless it says otherwise. */
export const pattern: Keyword = (value, { place }) => {
  const expression = patternOf(value, place);
  return (found, path, report) => {
    const text = textOf(found);
    if (text !== undefined && !expression.test(text)) report(`${at(path)} does not match ${String(value)}`);
  };
};

/** The text of a value that is one, or that is written as one: a uuid, a time. Dates are none. */
function textOf(value: PortableValue): string | undefined {
  if (typeof value === 'string') return value;
  if (!(value instanceof Tagged) || typeof value.value !== 'string') return undefined;
  const kind = dynamicType(value)!.kind;
  return ['decimal', 'date', 'timestamp', 'timestamptz', 'object_id'].includes(kind) ? undefined : value.value;
}
