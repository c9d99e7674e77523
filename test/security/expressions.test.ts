import { isPolyshiftError, type PortableType, type PortableValue } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { applyRule } from '../../packages/etl/test/rule-bench.ts';

const fields: Record<string, PortableType> = {
  name: { kind: 'text' },
  price: { kind: 'decimal' },
  at: { kind: 'timestamptz' },
  document: { kind: 'dynamic' },
  words: { kind: 'array', of: { kind: 'text' } },
};
const row: PortableValue[] = ['n', '1.5', '2024-01-01T00:00:00Z', new Map<string, PortableValue>([['a', 1]]), ['x']];

/** What an expression gives: a value, the code of the error that refuses it, or the reason why the row is rejected. */
function outcome(expression: string): unknown {
  try {
    return applyRule({ type: 'expression', expression }, fields, [row]).values[0];
  } catch (error) {
    if (!isPolyshiftError(error)) throw error;
    return error.code;
  }
}

describe('expressions reach nothing but the row', () => {
  it.each(['process', 'globalThis', 'global', 'this', 'self', 'module', 'Function', 'eval', 'constructor', '__proto__'])(
    'the name %s is a field that the source does not have',
    (name) => {
      for (const use of [name, `${name}.env`, `${name}.exit(7)`, `${name}["env"]`, `words.map(x, ${name})`, `has(${name}.a)`])
        expect(outcome(use), use).toMatch(/^(UNKNOWN_FIELD|INVALID_EXPRESSION)$/);
    },
  );

  it.each([
    'require("fs")',
    'import("fs")',
    'eval("1")',
    'Function("return process")()',
    'print("x")',
    'fetch("http://localhost")',
  ])('there is no function %s', (call) => expect(outcome(call)).toBe('INVALID_EXPRESSION'));

  const subjects = [
    'name',
    'price',
    'at',
    'document',
    'document.a',
    'words',
    '""',
    '[]',
    '{}',
    'dyn({})',
    'dyn(price)',
    'dyn(at)',
    'timestamp("2024-01-01T00:00:00Z")',
    'bytes("a")',
    'duration("1s")',
    'type(1)',
  ];
  const inherited = [
    'constructor',
    '__proto__',
    'prototype',
    'toString',
    '__defineGetter__',
    'hasOwnProperty',
    'valueOf',
    'getTime',
    'get',
    'push',
  ];
  it.each(subjects)('what JavaScript has of %s is not there', (subject) => {
    for (const name of inherited) {
      for (const use of [
        `${subject}.${name}`,
        `${subject}["${name}"]`,
        `${subject}.${name}()`,
        `${subject}.${name}.constructor("return process")()`,
      ]) {
        const value = outcome(use);
        // Refused, or null as of any key that a document lacks, or the row rejected, or a document with nothing in it.
        if (value !== null && value !== undefined && !(value instanceof Map && value.size === 0))
          expect(value, use).toMatch(/^INVALID_EXPRESSION$|^<.*>$/s);
      }
    }
  });

  it.each(['list', 'int', 'type', 'map', 'optional'])(
    'a field %s, named like a type of CEL, is refused and does not mislead',
    (name) => {
      const refused = () =>
        applyRule({ type: 'expression', expression: `${name} == "x"` }, { [name]: { kind: 'text' } }, [['x']]);
      expect(refused).toThrow(expect.objectContaining({ code: 'INVALID_EXPRESSION' }));
    },
  );

  it.each([
    ['long', `1${' + 1'.repeat(200_000)}`],
    ['nested in parentheses', `${'('.repeat(20_000)}1${')'.repeat(20_000)}`],
    ['nested in lists', '['.repeat(20_000)],
    ['nested in conditions', `${'true ? '.repeat(20_000)}1`],
    ['negated', `${'!'.repeat(20_000)}true`],
    [
      'of nested comprehensions',
      Array.from({ length: 8 }).reduce<string>((inner) => `[1,2,3,4,5,6,7,8,9,10].map(x, ${inner})`, '1'),
    ],
  ])('an expression that is %s without end is refused', (_how, expression) => {
    expect(outcome(expression)).toBe('INVALID_EXPRESSION');
  });
});
