import fc from 'fast-check';
import { BSON } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { decodeDigests, encodeDigests, fieldDigests } from '../src/online/digests.ts';
import { mergeFields } from '../src/online/merge.ts';

const field = fc.constantFrom('a', 'b', 'c', 'd');
const value: fc.Arbitrary<unknown> = fc.oneof(
  fc.integer({ min: 0, max: 3 }),
  fc.constantFrom('x', null),
  fc.array(fc.integer({ min: 0, max: 1 }), { maxLength: 2 }),
);
const document = fc.dictionary(field, fc.oneof(value, fc.dictionary(field, value, { maxKeys: 3 })), {
  maxKeys: 4,
  noNullPrototype: true,
});

const bytes = (of: object): Buffer => Buffer.from(BSON.serialize({ _id: 1, ...of }));
const read = (of: Buffer): object => BSON.deserialize(of);

describe('putting two versions of a document together', () => {
  it('of which one has not changed gives the other, byte for byte', () => {
    fc.assert(
      fc.property(document, document, (base, changed) => {
        const [was, is] = [bytes(base), bytes(changed)];
        const last = { target: fieldDigests(was), incoming: fieldDigests(was) };
        expect(mergeFields(was, is, last)).toEqual({ document: is, conflicts: [] });
        expect(mergeFields(is, was, last)).toEqual({ document: is, conflicts: [] });
      }),
    );
  });

  it('is a conflict only where both have changed, and then both sides say so', () => {
    fc.assert(
      fc.property(document, document, document, (base, left, right) => {
        const was = fieldDigests(bytes(base));
        const last = { target: was, incoming: was };
        const [one, other] = [mergeFields(bytes(left), bytes(right), last), mergeFields(bytes(right), bytes(left), last)];
        expect(one.conflicts.length > 0).toBe(other.conflicts.length > 0);
        if (one.conflicts.length === 0) expect(read(one.document)).toEqual(read(other.document));
      }),
    );
  });

  it('keeps values that only the target knows, and fields that it alone has', () => {
    const [oldWas, oldIs] = [bytes({ a: 1, n: { x: 1 } }), bytes({ a: 2, n: { x: 1 } })];
    const target = bytes({ n: { x: 1, own: true }, a: 1, tier: 'gold' });
    const last = { target: fieldDigests(target), incoming: fieldDigests(oldWas) };
    expect(read(mergeFields(target, oldIs, last).document)).toEqual({ _id: 1, n: { x: 1, own: true }, a: 2, tier: 'gold' });
  });
});

it('digests come back as they were kept', () => {
  fc.assert(
    fc.property(document, document, (left, right) => {
      const [a, b] = [fieldDigests(bytes(left)), fieldDigests(bytes(right))];
      const kept = Buffer.concat([encodeDigests(a), encodeDigests(b)]);
      const first = decodeDigests(kept, 0);
      expect([first.digests, decodeDigests(kept, first.end)]).toEqual([a, { digests: b, end: kept.length }]);
    }),
  );
});
