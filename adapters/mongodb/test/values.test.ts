import { canonicalText, documentText, portableColumn } from '@polyshift/core';
import fc from 'fast-check';
import { BSON, Decimal128, type Document } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { elementsOf } from '../src/bson/element.ts';
import { exactDocument } from '../src/bson/exact-value.ts';
import { fromJson, toJson } from '../src/bson/json.ts';
import { DocumentEncoder } from '../src/sink-encode.ts';
import { decimalText, toDecimal128 } from '../src/values/decimal.ts';
import { portableDocument } from '../src/values/from-bson.ts';
import { instantText, parseInstant } from '../src/values/instant.ts';
import { parseJsonText } from '../src/values/json-text.ts';
import { encodeDocument } from '../src/values/to-bson.ts';
import { bsonDocument, bsonValue, typedValues } from './arbitraries.ts';

const bytesOf = (document: unknown): Buffer => Buffer.from(BSON.serialize(document as Document));

describe('documents', () => {
  it('are read so that writing them gives the same bytes, whatever their fields are called', () => {
    fc.assert(
      fc.property(bsonDocument(1), (document) => {
        const bytes = bytesOf(document);
        expect(bytesOf(exactDocument(bytes)).equals(bytes)).toBe(true);
        expect(elementsOf(bytes).map((element) => element.name)).toEqual([...document.keys()]);
      }),
      { numRuns: 500 },
    );
  });

  it('keep a date beyond what JavaScript holds', () => {
    const bytes = bytesOf({ at: new Date(0) });
    bytes.writeBigInt64LE(9_000_000_000_000_000n, elementsOf(bytes)[0]!.value);
    expect(bytesOf(exactDocument(bytes)).equals(bytes)).toBe(true);
  });

  it('go to portable documents and back to the same canonical text', () => {
    fc.assert(
      fc.property(bsonDocument(1), (document) => {
        const portable = portableDocument(bytesOf(document));
        const lost: string[] = [];
        const back = portableDocument(bytesOf(encodeDocument(portable, () => (loss) => lost.push(loss))));
        if (lost.length === 0) expect(documentText(back)).toBe(documentText(portable));
        expect(lost.filter((loss) => loss !== 'date_out_of_range')).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('keep every type of an _id in the JSON of a checkpoint', () => {
    fc.assert(
      fc.property(bsonValue, (value) => {
        fc.pre(!(value instanceof Map || Array.isArray(value)));
        // Random bytes hold forms of a decimal that no text has.
        const back = fromJson(JSON.parse(JSON.stringify(toJson(value))));
        expect(bytesOf({ value: back }).equals(bytesOf({ value }))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe('portable values', () => {
  it('are encoded so that the written document reads as the encoded one, with every loss named', () => {
    fc.assert(
      fc.property(typedValues, ({ type, values }) => {
        const columns = [portableColumn('_id', { kind: 'int32' }, false), portableColumn('v', type)];
        const rows = values.map((value, index) => [index, value]);
        const { batch, losses, rejected } = new DocumentEncoder('nearest').encode({ kind: 'rows', columns, rows });
        expect(rejected).toEqual([]);
        if (batch.kind !== 'documents') throw new Error('documents were expected');
        for (const [index, document] of batch.documents.entries()) {
          const written = portableDocument(document as Buffer);
          const value = values[index]!;
          const same = [
            'boolean',
            'int16',
            'int32',
            'int64',
            'float64',
            'decimal',
            'text',
            'uuid',
            'bytes',
            'object_id',
          ].includes(type.kind);
          if (losses.length === 0 && same)
            expect(canonicalText({ kind: 'dynamic' }, written.get('v') ?? null)).toBe(canonicalText(type, value));
        }
        const strict = new DocumentEncoder('error').encode({ kind: 'rows', columns, rows });
        expect(strict.rejected.length > 0).toBe(losses.length > 0);
        expect(strict.rejected.every((row) => row.code === 'LOSS_REFUSED')).toBe(true);
        expect(losses.every((loss) => loss.count > 0 && loss.field === 'v')).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it.each<[string, unknown, string]>([
    ['nul\0', 1, 'NUL'],
    ['deep', deep(120), 'nested'],
    ['large', 'x'.repeat(17_000_000), 'larger'],
  ])('refuses what no document can hold: %s', (name, value, message) => {
    const columns = [portableColumn('_id', { kind: 'int32' }), portableColumn(name, { kind: 'dynamic' })];
    const { rejected } = new DocumentEncoder('nearest').encode({ kind: 'rows', columns, rows: [[1, value]] });
    expect(rejected).toMatchObject([{ index: 0, code: 'CONVERSION_FAILED', key: 1 }]);
    expect(rejected[0]!.message).toContain(message);
  });

  it('leaves undefined out, keeps null, puts _id first and takes any name', () => {
    const columns = ['b', '1', '__proto__', '', '_id'].map((name) => portableColumn(name, { kind: 'int32' }));
    const { batch } = new DocumentEncoder('nearest').encode({ kind: 'rows', columns, rows: [[2, undefined, 3, null, 9]] });
    if (batch.kind !== 'documents') throw new Error('documents were expected');
    expect([...batch.decode(batch.documents[0])]).toEqual([
      ['_id', 9],
      ['b', 2],
      ['__proto__', 3],
      ['', null],
    ]);
  });
});

describe('numbers, instants and JSON', () => {
  it('makes the same Decimal128 as the driver, where that is exact', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 33n), max: 10n ** 33n }), fc.nat(30), (integer, scale) => {
        const sign = integer < 0n ? '-' : '';
        const digits = String(integer < 0n ? -integer : integer).padStart(scale + 1, '0');
        const text = scale === 0 ? `${sign}${digits}` : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
        const { value, exact } = toDecimal128(text);
        expect([value.toString(), exact]).toEqual([Decimal128.fromString(text).toString(), true]);
        expect(decimalText(value)).toBe(text);
      }),
    );
  });

  it.each([
    ['1'.repeat(40), `${'1'.repeat(34)}000000`, false],
    [`0.${'0'.repeat(40)}1`, `0.${'0'.repeat(40)}1`, true],
    [`1${'0'.repeat(60)}`, `1${'0'.repeat(60)}`, true],
    [`${'9'.repeat(34)}5`, `1${'0'.repeat(35)}`, false],
    ['-0', '-0', true],
  ])('rounds %s', (text, expected, exact) => {
    const result = toDecimal128(text);
    expect([decimalText(result.value), result.exact]).toEqual([expected, exact]);
  });

  it('writes and reads every instant that 64 bits hold', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (milliseconds) => {
        expect(parseInstant(instantText(milliseconds))).toEqual({ milliseconds, microseconds: 0 });
      }),
    );
    fc.assert(
      fc.property(fc.date({ noInvalidDate: true }), (date) => {
        expect(new Date(instantText(BigInt(date.getTime()))).getTime()).toBe(date.getTime());
      }),
    );
  });

  it('reads JSON as JSON.parse does, with every digit', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const losses = { duplicateKeys: 0, rounded: 0 };
        const parsed = parseJsonText(JSON.stringify(value), losses);
        expect(losses).toEqual({ duplicateKeys: 0, rounded: 0 });
        const text = JSON.stringify(toJson(parsed)).replace(/\{"\$number\w+":"([^"]+)"\}/g, (_all, number: string) =>
          JSON.stringify(Number(number)),
        );
        expect(text).toBe(JSON.stringify(value));
      }),
    );
    const losses = { duplicateKeys: 0, rounded: 0 };
    expect(toJson(parseJsonText('[12345678901234567890, 9007199254740993, 1.50, 1e400, 0.1]', losses))).toEqual([
      { $numberDecimal: '12345678901234567890' },
      { $numberLong: '9007199254740993' },
      { $numberDouble: '1.5' },
      { $numberDecimal: '1E+400' },
      { $numberDouble: '0.1' },
    ]);
    parseJsonText('{"a": 1, "a": 2}', losses);
    expect(losses).toEqual({ duplicateKeys: 1, rounded: 0 });
  });

  it.each(['', '{', '[1,]', '{"a"}', '01', '"\n"', 'nul', '1 2'])('refuses %j', (text) => {
    expect(() => parseJsonText(text, { duplicateKeys: 0, rounded: 0 })).toThrow(SyntaxError);
  });
});

function deep(levels: number): unknown {
  return levels === 0 ? 1 : [deep(levels - 1)];
}
