import { type PortableType, type PortableValue, Tagged } from '@polyshift/core';
import fc from 'fast-check';
import { Binary, BSONRegExp, Code, Decimal128, Double, Int32, Long, MaxKey, MinKey, ObjectId, Timestamp } from 'mongodb';

const name = fc
  .oneof(fc.string({ maxLength: 6 }), fc.constantFrom('__proto__', '1', '0', 'a.b', '$set', 'constructor', 'ü'))
  .map((text) => text.replaceAll('\0', '0'));
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map((array) => Buffer.from(array));
const text = fc.string({ unit: 'grapheme', maxLength: 12 });

/** Whether a decimal is what its text says: random bytes hold forms that no text has, and coefficients that the type does not allow. */
function hasText(value: Decimal128): boolean {
  try {
    return Buffer.from(Decimal128.fromString(value.toString()).bytes).equals(Buffer.from(value.bytes));
  } catch {
    return false;
  }
}

/** BSON values of every type that drivers write. */
export const bsonValue: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown; leaf: unknown }>((tie) => ({
  leaf: fc.oneof(
    fc.constantFrom<unknown>(
      null,
      true,
      false,
      new MinKey(),
      new MaxKey(),
      new Double(-0),
      new Double(Number.NaN),
      new Double(1),
    ),
    fc.integer().map((value) => new Int32(value)),
    fc.double().map((value) => new Double(value)),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => Long.fromBigInt(value)),
    text,
    bytes(12).map((value) => new ObjectId(value)),
    fc.date({ noInvalidDate: true }),
    fc
      .tuple(bytes(8), fc.constantFrom(0, 4, 5, 128))
      .map(([value, subtype]) => new Binary(subtype === 4 ? Buffer.concat([value, value]) : value, subtype)),
    bytes(16)
      .map((value) => new Decimal128(value))
      .filter(hasText),
    fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map((value) => new Timestamp(Long.fromBigInt(value, true))),
    fc.constantFrom(new BSONRegExp('^a.*', 'i'), new Code('return 1'), new Code('return x', { x: 1 })),
  ),
  value: fc.oneof(
    { maxDepth: 3 },
    { arbitrary: tie('leaf'), weight: 6 },
    { arbitrary: fc.array(tie('value'), { maxLength: 3 }), weight: 1 },
    { arbitrary: fc.array(fc.tuple(name, tie('value')), { maxLength: 3 }).map((fields) => new Map(fields)), weight: 1 },
  ),
})).value;

/** Documents with an _id and fields of any name in any order. */
export const bsonDocument = (id: unknown): fc.Arbitrary<Map<string, unknown>> =>
  fc
    .array(fc.tuple(name, bsonValue), { maxLength: 6 })
    .map((fields) => new Map<string, unknown>([['_id', id], ...fields.filter(([field]) => field !== '_id')]));

/** Values that can be an _id, of types that sort apart. */
export const idValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.integer({ min: -50, max: 50 }).map((value) => new Int32(value)),
  fc.integer({ min: 100, max: 200 }).map((value) => Long.fromNumber(value)),
  fc.integer({ min: 0, max: 99 }).map((value) => new Double(value + 0.5)),
  fc.string({ maxLength: 4 }).map((value) => value.replaceAll('\0', '0')),
  bytes(12).map((value) => new ObjectId(value)),
  fc.boolean(),
  fc.integer({ min: 0, max: 1_000_000 }).map((value) => new Date(value)),
  fc.integer({ min: 0, max: 20 }).map((value) => ({ a: new Int32(value) })),
  bytes(3).map((value) => new Binary(value)),
);

const digits = (max: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: max }).map((list) => list.join(''));
const decimal = fc
  .tuple(fc.constantFrom('', '-'), digits(45), fc.option(digits(45)))
  .map(([sign, whole, fraction]) => `${sign}${whole.replace(/^0+(?=\d)/, '')}${fraction === null ? '' : `.${fraction}`}`);
const pad = (value: number, width = 2) => String(value).padStart(width, '0');
const date = fc
  .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((value) => value.toISOString().slice(0, 10));
const micros = fc.integer({ min: 0, max: 999_999 }).map((value) => (value === 0 ? '' : `.${pad(value, 6).replace(/0+$/, '')}`));
const clock = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }), fc.integer({ min: 0, max: 59 }), micros)
  .map(([h, m, s, f]) => `${pad(h)}:${pad(m)}:${pad(s)}${f}`);
const stamp = fc.tuple(date, clock).map(([day, time]) => `${day}T${time}`);

const plain: [PortableType, fc.Arbitrary<PortableValue>][] = [
  [{ kind: 'boolean' }, fc.boolean()],
  [{ kind: 'int16' }, fc.integer({ min: -32768, max: 32767 })],
  [{ kind: 'int32' }, fc.integer()],
  [{ kind: 'int64' }, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
  [{ kind: 'float64' }, fc.double()],
  [{ kind: 'decimal' }, fc.oneof(decimal, fc.constantFrom('NaN', 'Infinity', '-Infinity'))],
  [{ kind: 'text' }, text],
  [{ kind: 'uuid' }, fc.uuid()],
  [{ kind: 'bytes' }, fc.uint8Array({ maxLength: 20 })],
  [
    { kind: 'date' },
    fc.oneof(date, fc.constantFrom('infinity', '-infinity', '+010000-01-01', '-000043-03-15', '+5874897-12-31')),
  ],
  [{ kind: 'time' }, clock],
  [{ kind: 'time_tz' }, clock.map((value) => `${value}+02:00`)],
  [{ kind: 'timestamp' }, fc.oneof(stamp, fc.constant('infinity'))],
  [
    { kind: 'timestamptz' },
    fc.oneof(
      stamp.map((value) => `${value}Z`),
      fc.constant('-infinity'),
    ),
  ],
  [{ kind: 'interval' }, fc.constantFrom('PT0S', 'P1Y2M3DT-4H5M6.789S')],
  [{ kind: 'json' }, fc.json()],
  [{ kind: 'enum', values: ['a', 'b'] }, fc.constantFrom('a', 'b')],
  [{ kind: 'network' }, fc.ipV4()],
  [{ kind: 'bits' }, fc.constantFrom('0', '10110')],
  [{ kind: 'object_id' }, bytes(12).map((value) => value.toString('hex'))],
];

/** A portable type with values of it, some of them null. */
export const typedValues: fc.Arbitrary<{ type: PortableType; values: PortableValue[] }> = fc
  .constantFrom(...plain)
  .chain(([type, value]) =>
    fc.oneof(
      fc.array(fc.option(value), { minLength: 1, maxLength: 8 }).map((values) => ({ type, values })),
      fc
        .array(fc.array(fc.option(value), { maxLength: 3 }), { minLength: 1, maxLength: 4 })
        .map((values) => ({ type: { kind: 'array', of: type } as PortableType, values })),
      fc.array(value, { minLength: 1, maxLength: 4 }).map((values) => ({
        type: { kind: 'document' } as PortableType,
        values: values.map((each) => new Map<string, PortableValue>([['v', new Tagged(type, each)]])),
      })),
    ),
  );
