import { type PortableValue, scalarText } from '@polyshift/core';
import { plainForm } from '../../values/plain-form.ts';
import { type Evaluate, type Operator, ofNamed, ofOne, ofPresent, ofValues, type Result, unfit } from '../operator.ts';

/** What is trimmed where no characters are named: white space and the null character, as in MongoDB. */
const whitespace = new Set('\0 \t\n\v\f\r\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a');

/** The operators on texts. Numbers, dates and other scalars are taken as their text. */
export const textOperators: Readonly<Record<string, Operator>> = {
  $concat: ofPresent({ least: 1 }, (values, name) => values.map((value) => textOf(value, name)).join('')),
  $toUpper: ofOne((value, name) => textOrEmpty(value, name).toUpperCase()),
  $toLower: ofOne((value, name) => textOrEmpty(value, name).toLowerCase()),
  $trim: trim(true, true),
  $ltrim: trim(true, false),
  $rtrim: trim(false, true),
  $strLenCP: ofOne((value, name) => [...textOf(value, name)].length),
  $substrCP: ofValues({ least: 3, most: 3 }, ([value, from, count], name) => {
    const [start, length] = [wholeOf(from, name), wholeOf(count, name)];
    return [...textOrEmpty(value, name)].slice(start, start + length).join('');
  }),
  $split: ofPresent({ least: 2, most: 2 }, ([value, separator], name) => {
    const text = textOf(separator, name);
    if (text === '') throw unfit(name, 'a separator with at least one character', separator);
    return textOf(value, name).split(text);
  }),
  $replaceAll: replacement((input, find, by) => (find === '' ? between(input, by) : input.split(find).join(by))),
  $replaceOne: replacement((input, find, by) => {
    const at = input.indexOf(find);
    return at === -1 ? input : `${input.slice(0, at)}${by}${input.slice(at + find.length)}`;
  }),
};

function trim(left: boolean, right: boolean): Operator {
  const named = ofNamed(['input'], ['chars'], ({ input, chars }, _raw, name) => (document) => {
    const [value, given] = [input!(document), chars?.(document)];
    if (isNull(value) || (chars && isNull(given))) return null;
    const removed = chars ? new Set(textOf(given, name)) : whitespace;
    const signs = [...textOf(value, name)];
    let [from, to] = [0, signs.length];
    while (left && from < to && removed.has(signs[from]!)) from++;
    while (right && to > from && removed.has(signs[to - 1]!)) to--;
    return signs.slice(from, to).join('');
  });
  return (argument, compile, name) => {
    const whole = typeof argument === 'object' && argument !== null && !Array.isArray(argument) && 'input' in argument;
    return named(whole ? argument : { input: argument }, compile, name);
  };
}

function replacement(replace: (input: string, find: string, by: string) => string): Operator {
  return ofNamed(['input', 'find', 'replacement'], [], (given, _raw, name) => {
    const parts: Evaluate[] = [given.input!, given.find!, given.replacement!];
    return (document) => {
      const values = parts.map((evaluate) => evaluate(document));
      if (values.some(isNull)) return null;
      const [input, find, by] = values.map((value) => textOf(value, name)) as [string, string, string];
      return replace(input, find, by);
    };
  });
}

/** An empty text is found before, between and behind all signs. */
function between(input: string, by: string): string {
  return `${by}${[...input].map((sign) => `${sign}${by}`).join('')}`;
}

function isNull(value: Result): boolean {
  return value === null || value === undefined;
}

function textOrEmpty(value: Result, name: string): string {
  return value === null || value === undefined ? '' : textOf(value, name);
}

/** The text of a scalar. */
function textOf(value: Result, name: string): string {
  const text = value === undefined || value === null ? null : scalarText({ kind: 'dynamic' }, plainForm(value));
  if (text === null) throw unfit(name, 'a text', value);
  return text;
}

function wholeOf(value: Result, name: string): number {
  const plain: PortableValue | undefined = value === undefined ? undefined : plainForm(value);
  const number = typeof plain === 'bigint' ? Number(plain) : plain;
  if (typeof number !== 'number' || !Number.isInteger(number) || number < 0) throw unfit(name, 'whole numbers from 0', value);
  return number;
}
