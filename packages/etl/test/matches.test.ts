import { ConversionError, type PortableType } from '@polyshift/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePattern } from '../src/transform/cel/compile-pattern.ts';
import { applyRule } from './rule-bench.ts';

const fields: Record<string, PortableType> = { text: { kind: 'text' }, pattern: { kind: 'text' } };
const outcome = (expression: string, text: string, pattern = '') =>
  applyRule({ type: 'expression', expression }, fields, [[text, pattern]]).values[0];

/** Regular expressions over few letters, with all that they can be made of. */
const { pattern } = fc.letrec<{ pattern: string; part: string }>((tie) => ({
  part: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(
      'a',
      'b',
      '-',
      '.',
      '[ab]',
      '[^a-]',
      '[b-z.\\]]',
      '\\w',
      '\\W',
      '\\d',
      '\\s',
      '\\x61',
      '\\.',
      '^',
      '$',
      '\\b',
      '\\B',
    ),
    tie('pattern').map((inner) => `(${inner})`),
    fc
      .tuple(tie('pattern'), fc.constantFrom('*', '+', '?', '*?', '{2}', '{0}', '{1,}', '{0,2}', '{1,3}?'))
      .map(([inner, times]) => `(?:${inner})${times}`),
    fc.tuple(fc.constantFrom('a', '[ab]', '.', '\\w'), fc.constantFrom('*', '+', '?', '{2,}')).map((parts) => parts.join('')),
  ),
  pattern: fc.oneof(
    fc.array(tie('part'), { maxLength: 4 }).map((parts) => parts.join('')),
    fc.array(tie('part'), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('|')),
  ),
}));
const text = fc.string({ unit: fc.constantFrom('a', 'b', '-', ']', ' ', '1', '\n', 'é', '😀'), maxLength: 8 });

describe('matches', () => {
  it('finds what the engine of JavaScript finds', () => {
    fc.assert(
      fc.property(pattern, fc.array(text, { maxLength: 5 }), (source, texts) => {
        const matches = compilePattern(source);
        const engine = new RegExp(source, 'u');
        for (const each of texts) expect(matches(each), JSON.stringify([source, each])).toBe(engine.test(each));
      }),
      { numRuns: 500 },
    );
  });

  // Each would run for longer than any test waits, if it went back and tried again.
  it.each(['(a+)+$', '(a*)*b', '(a|aa)+$', '(a|a|a)*b', '^(([a-z])+.)+[A-Z]([a-z])+$', '(.*a){20}b', 'a*a*a*a*a*a*a*b'])(
    'of %s with a text made for it ends, in the pattern of a rule as in that of a row',
    (source) => {
      const hostile = `${'a'.repeat(2000)}!`;
      expect(outcome(`text.matches('${source}')`, hostile)).toBe(false);
      expect(outcome('text.matches(pattern)', hostile, source)).toBe(false);
      expect(outcome(`[text].exists(each, each.matches(r'${source}'))`, hostile)).toBe(false);
      expect(outcome(`dyn(text).matches('${source}')`, hostile)).toBe(false);
    },
  );

  it.each([
    '(a)\\1',
    '(?=a)b',
    '(?!a)b',
    '(?<=a)b',
    '(?<!a)b',
    '(a',
    'a)',
    '[b-a]',
    '*',
    'a{2,1}',
    '((((a{100}){100}){100}){100})',
  ])('refuses %s: the rule where it stands there, the row that brings it', (source) => {
    expect(() => compilePattern(source)).toThrow(ConversionError);
    expect(() => outcome(`text.matches(r'${source}')`, 'a')).toThrow(expect.objectContaining({ code: 'INVALID_EXPRESSION' }));
    expect(outcome('text.matches(pattern)', 'a', source)).toMatch(/^<.*no regular expression/);
  });

  it('knows classes of letters of any script', () => {
    expect(outcome("text.matches(r'^\\p{L}+$')", 'Zoë日本')).toBe(true);
    expect(outcome("text.matches(r'^\\p{L}+$')", 'a1')).toBe(false);
  });

  it('refuses groups inside each other without end', () => {
    expect(() => compilePattern(`${'('.repeat(5000)}a${')'.repeat(5000)}`)).toThrow(ConversionError);
  });
});
