import { type PortableType, portableColumn } from '@polyshift/core';
import fc from 'fast-check';
import { BSON, type Document } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { BsonWriter } from '../src/bson/writer.ts';
import { DocumentEncoder } from '../src/sink-encode.ts';
import { exactMilliseconds } from '../src/values/exact-milliseconds.ts';
import { portableDocument } from '../src/values/from-bson.ts';
import { encodeDocument, encoderOf } from '../src/values/to-bson.ts';
import { writeBson } from '../src/values/write-bson.ts';
import { writeDocument, writerOf } from '../src/values/write-value.ts';
import { bsonDocument, typedValues } from './arbitraries.ts';

const driver = (document: unknown): Buffer => Buffer.from(BSON.serialize(document as Document, { ignoreUndefined: true }));
type Lost = [string, string, string];

/** The bytes of one value, and what its writer has noted. */
function written(type: PortableType, value: unknown): { bytes: string; lost: Lost[] } {
  const writer = new BsonWriter();
  const lost: Lost[] = [];
  writer.begin();
  writer.name('v');
  writerOf(type)(writer, value as never, (...loss) => lost.push(loss));
  return { bytes: writer.end().toString('hex'), lost };
}

/** The same by way of the driver's own serializer. */
function serialized(type: PortableType, value: unknown): { bytes: string; lost: Lost[] } {
  const lost: Lost[] = [];
  const encoded = encoderOf(type)(value as never, (...loss) => lost.push(loss));
  return { bytes: driver(new Map([['v', encoded]])).toString('hex'), lost };
}

const json: PortableType = { kind: 'json' };
const timestamptz: PortableType = { kind: 'timestamptz' };

describe('values written as bytes', () => {
  it('are those that the driver writes of what the encoder gives, with the same losses', () => {
    fc.assert(
      fc.property(typedValues, ({ type, values }) => {
        for (const value of values) if (value !== null) expect(written(type, value)).toEqual(serialized(type, value));
      }),
      { numRuns: 300 },
    );
  });

  it('are those of the driver for documents of any fields', () => {
    fc.assert(
      fc.property(bsonDocument(1), (document) => {
        const portable = portableDocument(driver(document));
        const writer = new BsonWriter();
        writer.begin();
        const lost: string[] = [];
        writeDocument(writer, portable, () => (loss) => lost.push(loss));
        const expected: string[] = [];
        const bytes = driver(encodeDocument(portable, () => (loss) => expected.push(loss)));
        expect(writer.end().equals(bytes)).toBe(true);
        expect(lost).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('are those of the driver for every form that it takes', () => {
    fc.assert(
      fc.property(bsonDocument(1), (document) => {
        const writer = new BsonWriter();
        writer.begin();
        for (const [name, value] of document) {
          writer.name(name);
          writeBson(writer, value);
        }
        expect(writer.end().equals(driver(document))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('are those of the driver for JSON of any shape', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), fc.constantFrom('', ' ', '\n\t'), (text, space) => {
        const spaced = space + JSON.stringify(JSON.parse(text), null, space) + space;
        for (const each of [text, spaced]) expect(written(json, each)).toEqual(serialized(json, each));
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    '{"a":1,"b":2,"a":3}',
    `{${Array.from({ length: 40 }, (_, index) => `"k${index}":${index}`).join(',')},"k3":0}`,
    '[-0, 0.0, -0.0, 1.50, 1e3, 1E-7, 123456789012345678901234567890123456789, 0.1234567890123456789]',
    '[2147483647, 2147483648, -2147483648, -2147483649, 999999999999999, 9223372036854775807, 9223372036854775808]',
    '{"quote \\" and \\\\": "\\u0041\\ud83d\\ude00 \\n", "": {"": []}}',
    `{"\u00e4": "\u20ac", "long": "${'x\u00e9'.repeat(100)}"}`,
  ])('take JSON as the encoder does: %s', (text) => {
    expect(written(json, text)).toEqual(serialized(json, text));
  });

  it.each(['{"a":}', '[1,]', '{"a" 1}', '[', '{"a":1', '{a:1}', '[01]', '["\u0001"]', '[1] 2', '{"a":"b'])(
    'refuse what is not JSON with the words of the encoder: %s',
    (text) => {
      const message = (make: () => unknown): string => {
        try {
          make();
        } catch (error) {
          return (error as Error).message;
        }
        return 'none';
      };
      expect(message(() => written(json, text))).toBe(message(() => serialized(json, text)));
      expect(message(() => written(json, text))).toContain('not valid JSON');
    },
  );

  it('hold dates of every day, and leave to the encoder what is not plain', () => {
    fc.assert(
      fc.property(fc.integer({ min: Date.parse('0001-01-01'), max: Date.parse('9999-12-31T23:59:59.999Z') }), (milliseconds) => {
        const text = new Date(milliseconds).toISOString();
        expect(exactMilliseconds(text)).toBe(milliseconds);
        expect(exactMilliseconds(text.slice(0, 19))).toBe(Math.floor(milliseconds / 1000) * 1000);
        expect(exactMilliseconds(text.slice(0, 10))).toBe(Math.floor(milliseconds / 86_400_000) * 86_400_000);
      }),
      { numRuns: 2000 },
    );
    for (const text of [
      'infinity',
      '2024-02-30',
      '2023-02-29T00:00:00Z',
      '2024-13-01',
      '2024-01-01T24:00:00Z',
      '+012024-01-01',
    ]) {
      expect(exactMilliseconds(text)).toBeUndefined();
    }
    expect(written(timestamptz, '2024-01-01T00:00:00.123456Z').lost).toHaveLength(1);
  });

  it('stay as they are when later documents need more room than there is', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 300_000 }), { minLength: 1, maxLength: 12 }), (sizes) => {
        const columns = [portableColumn('_id', { kind: 'int32' }), portableColumn('text', { kind: 'text' })];
        const rows = sizes.map((size, index) => [index, String.fromCharCode(97 + index).repeat(size)]);
        const { batch } = new DocumentEncoder('nearest').encode({ kind: 'rows', columns, rows });
        if (batch.kind !== 'documents') throw new Error('documents were expected');
        for (const [index, [_id, text]] of rows.entries()) {
          expect((batch.documents[index] as Buffer).equals(driver({ _id, text }))).toBe(true);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('begin anew behind a row that cannot be written', () => {
    const columns = [portableColumn('_id', { kind: 'int32' }), portableColumn('v', json)];
    const { batch, rejected } = new DocumentEncoder('nearest').encode({
      kind: 'rows',
      columns,
      rows: [
        [1, '{"a":1}'],
        [2, '{"a":{"b":'],
        [3, '[2]'],
      ],
    });
    if (batch.kind !== 'documents') throw new Error('documents were expected');
    expect(batch.documents).toEqual([driver({ _id: 1, v: { a: 1 } }), driver({ _id: 3, v: [2] })]);
    expect(rejected).toMatchObject([{ index: 1, code: 'CONVERSION_FAILED' }]);
  });
});
