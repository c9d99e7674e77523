import { ConversionError, type PortableValue, scalarText } from '@polyshift/core';
import { type BuiltInFunction, literal, type Parameter, textType } from './function.ts';

const subject: Parameter = { name: 'text', accepts: 'text', summary: 'the text' };

function onText(summary: string, example: BuiltInFunction['example'], change: (text: string) => string): BuiltInFunction {
  return {
    summary,
    parameters: [subject],
    result: 'text',
    type: textType,
    nulls: 'null',
    example,
    bind: () => ({ type: textType, call: ([text]) => change(text as string) }),
  };
}

/** Functions on texts. */
export const textFunctions = {
  lower: onText('The text in lower case.', { args: ['Ann'], result: 'ann' }, (text) => text.toLowerCase()),
  upper: onText('The text in upper case.', { args: ['Ann'], result: 'ANN' }, (text) => text.toUpperCase()),
  trim: onText('The text without white space at both ends.', { args: ['  Ann '], result: 'Ann' }, (text) => text.trim()),
  length: {
    summary: 'The number of characters (Unicode code points) of a text, or of elements of an array.',
    parameters: [{ name: 'of', accepts: 'text or array', summary: 'the text or array' }],
    result: 'int32',
    type: { kind: 'int32' },
    nulls: 'null',
    example: { args: ['Zoë'], result: 3 },
    bind: () => ({
      type: { kind: 'int32' },
      call: ([of]) => (Array.isArray(of) ? of.length : [...(of as string)].length),
    }),
  },
  substring: {
    summary: 'A part of a text, by characters.',
    parameters: [
      subject,
      { name: 'start', accepts: 'integer', summary: 'the first character, from 1; negative counts from the end' },
      { name: 'length', accepts: 'integer', summary: 'how many; to the end where missing', optional: true },
    ],
    result: 'text',
    type: textType,
    nulls: 'null',
    example: { args: ['migration', 1, 4], result: 'migr' },
    bind: () => ({
      type: textType,
      call: ([text, start, length]) => {
        const characters = [...(text as string)];
        const first = Number(start);
        const from = first < 0 ? Math.max(0, characters.length + first) : Math.max(0, first - 1);
        if (length !== undefined && Number(length) < 0) throw new ConversionError('substring takes no negative length');
        return characters.slice(from, length === undefined ? undefined : from + Number(length)).join('');
      },
    }),
  },
  replace: {
    summary: 'The text with every occurrence of a part replaced, by the letter (no pattern).',
    parameters: [
      subject,
      { name: 'search', accepts: 'text', summary: 'what to replace' },
      { name: 'replacement', accepts: 'text', summary: 'by what' },
    ],
    result: 'text',
    type: textType,
    nulls: 'null',
    example: { args: ['a-b-c', '-', '+'], result: 'a+b+c' },
    bind: () => ({
      type: textType,
      call: ([text, search, replacement]) =>
        search === '' ? (text as string) : (text as string).split(search as string).join(replacement as string),
    }),
  },
  split: {
    summary: 'The parts of a text between separators.',
    parameters: [subject, { name: 'separator', accepts: 'text', summary: 'the separator, by the letter' }],
    result: 'array of text',
    type: { kind: 'array', of: textType },
    nulls: 'null',
    example: { args: ['a,b,c', ','], result: ['a', 'b', 'c'] },
    bind: () => ({
      type: { kind: 'array', of: textType },
      call: ([text, separator]) => (text as string).split(separator as string),
    }),
  },
  join: {
    summary: 'The elements of an array as one text; null elements are left out.',
    parameters: [
      { name: 'array', accepts: 'array', summary: 'the array' },
      { name: 'separator', accepts: 'text', summary: 'what stands between two elements; nothing where missing', optional: true },
    ],
    result: 'text',
    type: textType,
    nulls: 'null',
    example: { args: [['a', 'b'], '/'], result: 'a/b' },
    bind: ([array]) => {
      const of = array?.type.kind === 'array' ? array.type.of : ({ kind: 'dynamic' } as const);
      return {
        type: textType,
        call: ([elements, separator = '']) =>
          (elements as PortableValue[])
            .filter((element) => element !== null)
            .map((element) => {
              const text = scalarText(of, element);
              if (text === null) throw new ConversionError('join takes an array of scalars');
              return text;
            })
            .join(separator as string),
      };
    },
  },
  concat: {
    summary: 'The texts of the arguments one after the other; nulls are left out, null where all are null.',
    parameters: [
      { name: 'part', accepts: 'any', summary: 'a part; numbers, dates and the like in their text form', repeated: true },
    ],
    result: 'text',
    type: textType,
    nulls: 'passed',
    example: { args: ['a', null, 1], result: 'a1' },
    bind: (args) => ({
      type: textType,
      call: (parts) => {
        const texts = parts.flatMap((part, index) => {
          if (part === null || part === undefined) return [];
          const text = scalarText(args[index]!.type, part);
          if (text === null) throw new ConversionError('concat takes scalars; use cast for the JSON text of others');
          return [text];
        });
        return texts.length === 0 ? null : texts.join('');
      },
    }),
  },
  map_values: {
    summary: 'Looks a value up in a table; a value that is not in it gives the default, or null.',
    parameters: [
      { name: 'value', accepts: 'any', summary: 'the value; its text form is looked up' },
      { name: 'table', accepts: 'object', summary: 'an object of results by value', literal: true },
      {
        name: 'default',
        accepts: 'any',
        summary: 'the result for other values; null where missing',
        literal: true,
        optional: true,
      },
    ],
    result: 'dynamic',
    nulls: 'null',
    example: { args: ['m', { m: 'male', f: 'female' }], result: 'male' },
    bind: (args) => {
      const table = literal(args, 1);
      if (!(table instanceof Map)) throw new ConversionError('the table must be an object of results by value');
      const results = [...table.values(), literal(args, 2) ?? null];
      const texts = results.every((result) => result === null || typeof result === 'string');
      const fallback = literal(args, 2) ?? null;
      return {
        type: texts ? textType : { kind: 'dynamic' },
        call: ([value]) => table.get(scalarText(args[0]!.type, value as PortableValue) ?? '') ?? fallback,
      };
    },
  },
} as const satisfies Record<string, BuiltInFunction>;
