import {
  canonicalText,
  documentText,
  type PortableDocument,
  type PortableType,
  type PortableValue,
  SetDigest,
  Tagged,
  toDynamic,
} from '@polyshift/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const decimal: PortableType = { kind: 'decimal' };

describe('canonical text', () => {
  it.each<[PortableType, PortableValue, PortableType, PortableValue, boolean]>([
    [decimal, '1.50', decimal, '1.5', true],
    [decimal, '0.00', { kind: 'int32' }, 0, true],
    [decimal, '-0', decimal, '0', true],
    [decimal, '12.0', { kind: 'int64' }, 12n, true],
    [decimal, '12.0', { kind: 'float64' }, 12, true],
    [{ kind: 'int64' }, 9007199254740993n, { kind: 'int64' }, 9007199254740992n, false],
    [{ kind: 'float64' }, -0, { kind: 'float64' }, 0, false],
    [{ kind: 'float64' }, Number.NaN, { kind: 'float64' }, Number.NaN, true],
    [{ kind: 'text' }, '1', { kind: 'int32' }, 1, false],
    [{ kind: 'text' }, '', { kind: 'text' }, null, false],
    [{ kind: 'uuid' }, 'a', { kind: 'text' }, 'a', false],
    [{ kind: 'array', of: decimal }, ['1.0', null], { kind: 'array', of: decimal }, ['1', null], true],
    [{ kind: 'array', of: { kind: 'text' } }, ['a,b'], { kind: 'array', of: { kind: 'text' } }, ['a', 'b'], false],
    [{ kind: 'bytes' }, new Uint8Array([1, 2]), { kind: 'bytes' }, new Uint8Array([1, 2]), true],
  ])('%j %s against %j %s', (leftType, left, rightType, right, equal) => {
    expect(canonicalText(leftType, left) === canonicalText(rightType, right)).toBe(equal);
  });

  it('keeps the order of fields apart', () => {
    const left: PortableDocument = new Map<string, PortableValue>([
      ['a', 1],
      ['b', 2],
    ]);
    const right: PortableDocument = new Map<string, PortableValue>([
      ['b', 2],
      ['a', 1],
    ]);
    expect(documentText(left)).not.toBe(documentText(right));
  });

  it('is the same for a typed value and for the dynamic form of it', () => {
    const typed = fc.oneof(
      fc.tuple(fc.constant<PortableType>({ kind: 'int64' }), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
      fc.tuple(fc.constant<PortableType>({ kind: 'float64' }), fc.double()),
      fc.tuple(fc.constant<PortableType>({ kind: 'text' }), fc.string()),
      fc.tuple(fc.constant<PortableType>({ kind: 'uuid' }), fc.uuid()),
      fc.tuple(fc.constant<PortableType>({ kind: 'array', of: { kind: 'float64' } }), fc.array(fc.option(fc.double()))),
      fc.tuple(fc.constant<PortableType>({ kind: 'timestamptz' }), fc.constantFrom('2024-01-01T00:00:00Z', 'infinity')),
    );
    fc.assert(
      fc.property(typed, ([type, value]) => {
        expect(canonicalText({ kind: 'dynamic' }, toDynamic(type, value as PortableValue))).toBe(
          canonicalText(type, value as PortableValue),
        );
      }),
    );
  });

  it('tells a tagged double from an int32 only by its type, not by its value', () => {
    expect(canonicalText({ kind: 'dynamic' }, new Tagged({ kind: 'float64' }, 1))).toBe(canonicalText({ kind: 'int32' }, 1));
  });
});

describe('SetDigest', () => {
  it('does not depend on the order, and does on every element and its count', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1 }), fc.nat(), (texts, at) => {
        const [forth, back, less] = [new SetDigest(), new SetDigest(), new SetDigest()];
        for (const text of texts) forth.add(text);
        for (const text of [...texts].reverse()) back.add(text);
        const gone = at % texts.length;
        texts.forEach((text, index) => {
          if (index !== gone) less.add(text);
        });
        expect([back.sum, back.count]).toEqual([forth.sum, forth.count]);
        expect(less.sum).not.toBe(forth.sum);
        less.add(texts[gone]!);
        expect(less.sum).toBe(forth.sum);
      }),
    );
  });

  it('merges', () => {
    const [whole, left, right] = [new SetDigest(), new SetDigest(), new SetDigest()];
    for (const text of ['a', 'b', 'c']) whole.add(text);
    left.add('a');
    for (const text of ['c', 'b']) right.add(text);
    left.merge(right);
    expect([left.sum, left.count]).toEqual([whole.sum, 3]);
  });
});
