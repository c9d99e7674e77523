import type { AttributeValue } from './attribute.ts';
import type { NoteLoss } from './losses.ts';
import { numberAttribute } from './number-attribute.ts';
import { isSorted } from './order.ts';

/** Strings and numbers of a JSON text; a string that is the key of a field has its colon with it. */
const tokens = /("(?:[^"\\]|\\.)*")(\s*:)?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * Reads JSON text into values of DynamoDB without losing digits: every number becomes an N of its own digits, an object an M.
 *
 * @throws SyntaxError for what is not JSON
 */
export function jsonAttribute(text: string, note: NoteLoss): AttributeValue {
  JSON.parse(text);
  let keys = 0;
  // JSON.parse reads numbers as float64, so they are handed to it as strings, told from other strings by their first letter.
  const marked = text.replace(tokens, (number: string, string: string | undefined, colon: string | undefined) => {
    if (string === undefined) return `"n${number}"`;
    if (colon !== undefined) keys++;
    return `"s${string.slice(1)}${colon ?? ''}`;
  });
  const convert = (value: unknown): AttributeValue => {
    if (value === null) return { NULL: true };
    if (typeof value === 'boolean') return { BOOL: value };
    if (typeof value === 'string') return value[0] === 'n' ? numberAttribute(value.slice(1), note) : { S: value.slice(1) };
    if (Array.isArray(value)) return { L: value.map(convert) };
    const fields = Object.entries(value as object).map(([name, inner]) => [name.slice(1), inner] as const);
    keys -= fields.length;
    if (!isSorted(fields.map(([name]) => name))) note('field_order', text, 'fields by name');
    return { M: Object.fromEntries(fields.map(([name, inner]) => [name, convert(inner)])) };
  };
  const result = convert(JSON.parse(marked));
  if (keys > 0) note('duplicate_json_keys', text, 'the last value of each key');
  if (result.NULL) note('json_null', text, 'null');
  return result;
}
