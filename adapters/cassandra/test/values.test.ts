import { ConversionError, compareDecimals, type PortableType, type PortableValue, Tagged } from '@polyshift/core';
import { types } from 'cassandra-driver';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cqlTypeOf, nativeOf } from '../src/types.ts';
import { dateOfDays, daysOfDate } from '../src/values/calendar.ts';
import { type CqlType, isMultiCell, parseCqlType } from '../src/values/cql-type.ts';
import { fromBytes } from '../src/values/from-bytes.ts';
import { bytesFromDriver } from '../src/values/from-driver.ts';
import { unsignedVintAt, unsignedVintBytes, varintBytes, varintOf } from '../src/values/integer-bytes.ts';
import { portableOf } from '../src/values/portable-of.ts';
import { toBytes } from '../src/values/to-bytes.ts';

const udts = (name: string) => (name === 'addr' ? { fields: ['street', 'n'], types: ['text', 'int'] } : undefined);
const type = (text: string): CqlType => parseCqlType(text, udts);
const exact = (): never => {
  throw new Error('a loss');
};

/** The bytes of a value of the type's own portable type. */
const write = (text: string, value: PortableValue): Buffer => toBytes(type(text), portableOf(type(text)), value, exact);
const read = (text: string, bytes: Buffer): PortableValue => fromBytes(type(text), bytes);

/** The digits of a number with a scale, which may be negative. */
const scaled = (unscaled: bigint, scale: number): string => {
  if (scale <= 0) return `${unscaled * 10n ** BigInt(-scale)}`;
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
};

describe('bytes of values', () => {
  const int = (bits: number) => fc.bigInt({ min: -(2n ** BigInt(bits - 1)), max: 2n ** BigInt(bits - 1) - 1n });
  const decimal = fc.tuple(fc.bigInt(), fc.nat(40)).map(([unscaled, scale]) => scaled(unscaled, scale));

  it.each<[string, fc.Arbitrary<PortableValue>]>([
    ['tinyint', int(8).map(Number)],
    ['smallint', int(16).map(Number)],
    ['int', int(32).map(Number)],
    ['bigint', int(64)],
    ['varint', fc.bigInt().map(String)],
    ['decimal', decimal],
    ['float', fc.float()],
    ['double', fc.double()],
    ['boolean', fc.boolean()],
    ['text', fc.string({ unit: 'grapheme' })],
    ['ascii', fc.string({ unit: 'binary-ascii' })],
    ['blob', fc.uint8Array()],
    ['uuid', fc.uuid()],
    ['timeuuid', fc.uuid({ version: 1 })],
    ['inet', fc.ipV4()],
    ['date', int(32).map((days) => dateOfDays(Number(days)))],
    ['frozen<list<int>>', fc.array(int(32).map(Number))],
    ['vector<float, 3>', fc.tuple(fc.float(), fc.float(), fc.float()).map((values) => [...values])],
    ['vector<text, 2>', fc.tuple(fc.string({ maxLength: 300 }), fc.string()).map((values) => [...values])],
  ])('%s comes back as it was', (text, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, (value) => {
        expect(read(text, write(text, value))).toEqual(value);
      }),
    );
  });

  it('are those of the driver', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.integer({ min: -50, max: 50 }), (unscaled, scale) => {
        // The driver's types know a scale alone; its constructor takes an Integer too.
        const value = new types.BigDecimal(types.Integer.fromString(String(unscaled)) as never, scale);
        const bytes = types.BigDecimal.toBuffer(value);
        expect(compareDecimals(read('decimal', bytes) as string, scaled(unscaled, scale))).toBe(0);
        expect(varintBytes(unscaled)).toEqual(types.Integer.toBuffer(types.Integer.fromString(String(unscaled))));
        expect(varintOf(varintBytes(unscaled))).toBe(unscaled);
      }),
    );
    const time = types.LocalTime.fromString('23:59:59.123456789');
    expect(read('time', time.toBuffer())).toBe('23:59:59.123456789');
    expect(write('time', '23:59:59.123456789')).toEqual(time.toBuffer());
    expect(read('date', types.LocalDate.fromString('2024-02-29').toBuffer())).toBe('2024-02-29');
    expect(read('inet', types.InetAddress.fromString('2001:db8::1').getBuffer())).toBe('2001:db8::1');
  });

  it('of a duration keep its parts apart', () => {
    const part = fc.nat(2 ** 31 - 1);
    fc.assert(
      fc.property(part, part, fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }), fc.boolean(), (months, days, nanos, negative) => {
        const sign = negative ? -1 : 1;
        const value = new types.Duration(sign * months, sign * days, types.Long.fromString(String(BigInt(sign) * nanos)));
        const text = read('duration', value.toBuffer());
        expect(write('duration', text)).toEqual(value.toBuffer());
      }),
    );
    expect(read('duration', write('duration', 'P1Y2M3DT4H5M6.789S'))).toBe('P1Y2M3DT4H5M6.789S');
    expect(() => write('duration', 'P-1M15D')).toThrow(ConversionError);
  });

  it('of vectors with elements of any size are read by their sizes', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 31 - 1), (size) => {
        const bytes = unsignedVintBytes(size);
        expect(unsignedVintAt(bytes, 0)).toEqual({ value: size, size: bytes.length });
      }),
    );
  });

  it('of what the driver decodes are those that it was decoded from', () => {
    const value = new Map<PortableValue, PortableValue>([['a', 1]]);
    expect(bytesFromDriver(type('map<text, int>'), value)).toEqual(write('map<text, int>', new Map([['a', 1]])));
    const tuple = types.Tuple.fromArray([1, null]);
    expect(bytesFromDriver(type('tuple<int, text>'), tuple)).toEqual(write('tuple<int, text>', [1, null]));
    expect(bytesFromDriver(type('addr'), { street: 'x', n: null })).toEqual(
      write('addr', new Map<string, PortableValue>([['street', 'x']])),
    );
    expect(bytesFromDriver(type('frozen<set<bigint>>'), [1n, 2n])).toEqual(write('frozen<set<bigint>>', [2n, 1n]));
    expect(bytesFromDriver(type('vector<float, 2>'), new types.Vector([1, 2]))).toEqual(write('vector<float, 2>', [1, 2]));
  });

  it('of the elements of sets and the keys of maps stand in the order of the store', () => {
    expect(read('set<int>', write('set<int>', [3, -1, 2]))).toEqual([-1, 2, 3]);
    expect(
      read('set<double>', toBytes(type('set<double>'), { kind: 'array', of: { kind: 'float64' } }, [1, Number.NaN, -5], exact)),
    ).toEqual([-5, 1, Number.NaN]);
    expect([
      ...(
        read(
          'map<int, text>',
          write(
            'map<int, text>',
            new Map([
              ['10', 'a'],
              ['9', 'b'],
            ]),
          ),
        ) as Map<string, PortableValue>
      ).keys(),
    ]).toEqual(['9', '10']);
  });
});

describe('what cannot be held exactly', () => {
  const lossOf = (text: string, from: PortableType, value: PortableValue): string[] => {
    const lost: string[] = [];
    toBytes(type(text), from, value, (loss) => lost.push(loss));
    return lost;
  };

  it.each<[string, PortableType, PortableValue, string]>([
    ['timestamp', { kind: 'timestamptz' }, '1969-12-31T23:59:59.999999Z', 'microseconds_to_milliseconds'],
    ['double', { kind: 'int64' }, 9007199254740993n, 'float_rounded'],
    ['float', { kind: 'float64' }, 0.1, 'float_rounded'],
    ['list<text>', { kind: 'array', of: { kind: 'text' } }, ['a', null], 'null_elements'],
    ['set<int>', { kind: 'array', of: { kind: 'int32' } }, [1, 1], 'duplicate_elements'],
    ['frozen<list<int>>', { kind: 'array', of: { kind: 'int32' } }, [[1], [2, 3]], 'dimensions'],
    ['text', { kind: 'document' }, new Map([['d', new Tagged({ kind: 'date' }, '2024-02-29')]]), 'json_text'],
  ])('in %s is counted: %j', (text, from, value, loss) => {
    expect(lossOf(text, from, value)).toEqual([loss]);
  });

  it.each<[string, PortableType, PortableValue]>([
    ['tinyint', { kind: 'int32' }, 128],
    ['int', { kind: 'text' }, 'x'],
    ['decimal', { kind: 'decimal' }, 'NaN'],
    ['varint', { kind: 'decimal' }, '1.5'],
    ['ascii', { kind: 'text' }, 'ü'],
    ['timeuuid', { kind: 'uuid' }, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
    ['inet', { kind: 'network' }, '10.0.0.0/8'],
    ['date', { kind: 'date' }, 'infinity'],
    ['timestamp', { kind: 'timestamp' }, '-infinity'],
    ['counter', { kind: 'int64' }, 1n],
    ['addr', { kind: 'document' }, new Map([['city', 'x']])],
    ['vector<float, 2>', { kind: 'array', of: { kind: 'float32' } }, [1]],
    ['tuple<int>', { kind: 'array', of: { kind: 'dynamic' } }, [1, 2]],
  ])('in %s is refused: %j', (text, from, value) => {
    expect(() => toBytes(type(text), from, value, () => undefined)).toThrow(ConversionError);
  });

  it('is a relic that is neither null nor a value', () => {
    expect(() => read('int', Buffer.alloc(0))).toThrow(ConversionError);
    expect(read('text', Buffer.alloc(0))).toBe('');
  });
});

describe('types of CQL', () => {
  it.each([
    'text',
    'frozen<list<int>>',
    'map<text, frozen<set<uuid>>>',
    'frozen<tuple<int, text>>',
    'vector<float, 3>',
    'addr',
    "'org.example.Type'",
  ])('are read and written alike: %s', (text) => {
    expect(type(text).text).toBe(text);
  });

  it('are told from what is none', () => {
    for (const text of ['', 'strange', 'list<int', 'map<int>', 'vector<float>', 'int int', 'frozen<int, int>', 'missing_udt'])
      expect(() => type(text), text).toThrow(expect.objectContaining({ code: 'INVALID_DOCUMENT' }));
  });

  it('know how many cells a value has', () => {
    expect(['list<int>', 'addr', 'frozen<addr>', 'tuple<int>', 'vector<int, 2>'].map((text) => isMultiCell(type(text)))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it('are chosen for portable ones', () => {
    expect(nativeOf({ kind: 'array', of: { kind: 'array', of: { kind: 'int64' } } })).toBe('frozen<list<frozen<list<bigint>>>>');
    expect(cqlTypeOf('int64', udts).text).toBe('bigint');
    expect(cqlTypeOf('frozen<addr>', udts).text).toBe('frozen<addr>');
  });
});

describe('the calendar', () => {
  it('knows every day that the store has', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), (days) => {
        expect(daysOfDate(dateOfDays(days))).toBe(days);
      }),
    );
    expect(dateOfDays(0)).toBe('1970-01-01');
    expect(() => daysOfDate('2023-02-29')).toThrow(ConversionError);
  });
});
