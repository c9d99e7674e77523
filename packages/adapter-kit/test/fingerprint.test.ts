import { type PortableDocument, type PortableValue, Tagged } from '@polyshift/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fingerprintOf } from '../src/fingerprint.ts';
import { portableDocument } from './arbitraries.ts';

async function* batches(...of: PortableDocument[][]): AsyncGenerator<PortableDocument[]> {
  yield* of;
}

const one = (value: PortableValue): PortableDocument => new Map([['v', value]]);
const print = (...documents: PortableDocument[]) => fingerprintOf({}, batches(documents));

describe('fingerprint', () => {
  it('does not depend on the order of rows, nor on batches', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(portableDocument, { maxLength: 8 }), fc.nat(8), async (documents, at) => {
        const turned = await fingerprintOf({ a: 1, b: [2] }, batches(documents.slice(at).reverse(), documents.slice(0, at)));
        expect(turned).toEqual(await fingerprintOf({ b: [2], a: 1 }, batches(documents)));
      }),
    );
  });

  it.each<[string, PortableDocument, PortableDocument]>([
    ['null and missing', one(null), new Map()],
    ['an int32 and an int64', one(1), one(1n)],
    ['an int32 and a float64', one(1), one(new Tagged({ kind: 'float64' }, 1))],
    ['0 and -0', one(0), one(-0)],
    [
      'a decimal and one with more digits',
      one(new Tagged({ kind: 'decimal' }, '1.5')),
      one(new Tagged({ kind: 'decimal' }, '1.50')),
    ],
    ['a text and a date', one('2024-01-01'), one(new Tagged({ kind: 'date' }, '2024-01-01'))],
    ['a list and what is in it', one(['a']), one('a')],
    ['a list of one text and of two', one(['a,b']), one(['a', 'b'])],
    ['bytes and their text', one(Uint8Array.of(1)), one('AQ==')],
    [
      'fields in another order',
      new Map([
        ['a', 1],
        ['b', 2],
      ]),
      new Map([
        ['b', 2],
        ['a', 1],
      ]),
    ],
    [
      'names that look like more',
      new Map([['a":i1,"b', 1]]),
      new Map([
        ['a', 1],
        ['b', 1],
      ]),
    ],
  ])('tells %s apart', async (_title, left, right) => {
    expect(await print(left)).not.toEqual(await print(right));
  });

  it('counts rows that are there twice', async () => {
    expect(await print(one(1), one(1))).toMatchObject({ count: 2 });
    expect((await print(one(1), one(1))).content).not.toBe((await print(one(2), one(2))).content);
  });

  it('takes fields in any order where the store keeps none, in documents too', async () => {
    const left: PortableDocument = new Map<string, PortableValue>([
      ['a', 1],
      [
        'b',
        new Map([
          ['x', 1],
          ['y', 2],
        ]),
      ],
    ]);
    const right: PortableDocument = new Map<string, PortableValue>([
      [
        'b',
        new Map([
          ['y', 2],
          ['x', 1],
        ]),
      ],
      ['a', 1],
    ]);
    const sorted = { sorted_fields: true };
    expect(await fingerprintOf({}, batches([left]), sorted)).toEqual(await fingerprintOf({}, batches([right]), sorted));
    expect(await print(left)).not.toEqual(await print(right));
  });

  it('says that a collection is absent, and reads nothing', async () => {
    const rows = batches([one(1)]);
    expect(await fingerprintOf(undefined, rows)).toEqual({ schema: 'absent', content: '0'.repeat(32), count: 0 });
    expect((await rows.next()).done).toBe(false);
  });

  it('differs where the schema does', async () => {
    const [left, right] = [await fingerprintOf({ a: 1 }, batches()), await fingerprintOf({ a: 2 }, batches())];
    expect(left.schema).not.toBe(right.schema);
    expect(left.content).toBe(right.content);
  });
});
