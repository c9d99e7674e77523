import { type PortableType, type PortableValue, Tagged } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { applyRule } from './rule-bench.ts';

const text: PortableType = { kind: 'text' };
const int: PortableType = { kind: 'int32' };
const big: PortableType = { kind: 'int64' };
const instant: PortableType = { kind: 'timestamptz' };
const json: PortableType = { kind: 'json' };

describe('functions of the user', () => {
  const run = (fn: (...args: never[]) => unknown, type: PortableType, value: PortableValue) =>
    applyRule(
      { type: 'function', function: 'mine', args: ['a'] },
      { a: type },
      [[value]],
      new Map([['mine', fn as () => unknown]]),
    ).values[0];

  it('are given plain values and may return any', () => {
    expect(run((value: bigint) => value + 1n, big, 2n ** 60n)).toBe(2n ** 60n + 1n);
    expect(run((value: { tags: string[] }) => value.tags.length, json, '{"tags":["a"]}')).toBe(1);
    expect(run((value: string) => new Date(value), instant, '2024-01-01T00:00:00.5Z')).toEqual(
      new Tagged(instant, '2024-01-01T00:00:00.5Z'),
    );
    expect(run((value: string) => ({ value, none: undefined }), text, 'x')).toEqual(new Map([['value', 'x']]));
    expect(run(() => undefined, text, 'x')).toBeNull();
  });

  it('that throw, are asynchronous or return what no store keeps reject the row', () => {
    const fails = (): never => {
      throw new Error('no');
    };
    expect(run(fails, text, 'x')).toBe('<mine threw no>');
    expect(run(async () => 1, text, 'x')).toContain('asynchronous');
    expect(run(() => () => 1, text, 'x')).toContain('cannot be kept');
  });

  it('have their result cast where the rule says to what', () => {
    const { type, values } = applyRule(
      { type: 'function', function: 'mine', args: ['a'], to: 'text' },
      { a: int },
      [[5]],
      new Map([['mine', (a) => a]]),
    );
    expect([type.kind, values]).toEqual(['text', ['5']]);
  });
});
