import { canonicalText, type PortableValue, Tagged, toDynamic } from '@polyshift/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTable, type TableColumn } from '../src/catalog/table.ts';
import { Database } from '../src/database.ts';
import { decoderOf } from '../src/values/decode.ts';
import { encoderOf } from '../src/values/encode.ts';
import { type TestDatabase, testDatabase } from './harness.ts';

let database: TestDatabase;
let direct: Database;
const columns = new Map<string, TableColumn>();

/** Every type, with a generator of texts that the server takes for it. */
const digits = (most: number) => fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: most });
const text = fc
  .string({ unit: 'binary', maxLength: 30 })
  .map((value) => value.replaceAll('\0', '').replace(/[\ud800-\udfff]/g, '?'));
const int = (bits: bigint) => fc.bigInt({ min: -(2n ** (bits - 1n)), max: 2n ** (bits - 1n) - 1n }).map(String);
const date = fc.oneof(
  fc.integer({ min: -2451500, max: 2145031948 }).map((day) => ({ day })),
  fc.integer({ min: -800000, max: 30000 }).map((day) => ({ day })),
);
const micros = fc.bigInt({ min: -210866803200000000n, max: 9223371331199999999n });
const clock = fc
  .bigInt({ min: 0n, max: 86_400_000_000n })
  .map(
    (us) =>
      `${us / 3_600_000_000n}:${(us / 60_000_000n) % 60n}:${(us / 1_000_000n) % 60n}.${String(us % 1_000_000n).padStart(6, '0')}`,
  );
const zone = fc.tuple(
  fc.constantFrom('+', '-'),
  fc.integer({ min: 0, max: 15 }),
  fc.integer({ min: 0, max: 59 }),
  fc.integer({ min: 0, max: 59 }),
);
const float = fc.double().map((value) => (Object.is(value, -0) ? '-0' : String(value)));
const decimal = fc
  .tuple(fc.constantFrom('', '-'), digits(60), fc.option(digits(40)))
  .map(([sign, whole, fraction]) => sign + whole + (fraction === null ? '' : `.${fraction}`));
const json = fc.json({ noUnicodeString: false }).filter((value) => !value.includes('\\u0000') && !/\\ud[89a-f]/i.test(value));
const quoted = (value: string | null): string => (value === null ? 'NULL' : `"${value.replace(/["\\]/g, '\\$&')}"`);
const matrix = <T>(of: fc.Arbitrary<T>) =>
  fc.oneof(
    fc.array(fc.option(of), { maxLength: 5 }).map((row) => ({ rows: [row], flat: true })),
    fc
      .integer({ min: 1, max: 3 })
      .chain((width) =>
        fc
          .array(fc.array(fc.option(of), { minLength: width, maxLength: width }), { minLength: 1, maxLength: 3 })
          .map((rows) => ({ rows, flat: false })),
      ),
  );
const arrayOf = (of: fc.Arbitrary<string>) =>
  matrix(of).map(({ rows, flat }) => {
    const parts = rows.map((row) => `{${row.map(quoted).join(',')}}`);
    return flat ? parts[0]! : `{${parts.join(',')}}`;
  });

/** SQL that makes a value of the type from a generated text `$1`. */
const types: Record<string, { arbitrary: fc.Arbitrary<string | object>; sql?: string }> = {
  boolean: { arbitrary: fc.constantFrom('true', 'false') },
  smallint: { arbitrary: int(16n) },
  integer: { arbitrary: int(32n) },
  bigint: { arbitrary: int(64n) },
  oid: { arbitrary: fc.integer({ min: 0 }).map(String) },
  real: { arbitrary: fc.float().map((value) => (Object.is(value, -0) ? '-0' : String(value))) },
  'double precision': { arbitrary: float },
  numeric: {
    arbitrary: fc.oneof(decimal, fc.constantFrom('NaN', 'Infinity', '-Infinity', '0.000', '-0.0001', '1e-20', '1e300')),
  },
  'numeric(12,4)': {
    arbitrary: fc
      .tuple(fc.integer({ min: -99999999, max: 99999999 }), fc.integer({ min: 0, max: 9999 }))
      .map(([a, b]) => `${a}.${b}`),
  },
  'numeric(5,-2)': { arbitrary: fc.integer({ min: -9999900, max: 9999900 }).map(String) },
  text: { arbitrary: text },
  'character varying(40)': { arbitrary: text },
  'character(35)': { arbitrary: text },
  name: { arbitrary: text.map((value) => [...value].slice(0, 12).join('')) },
  uuid: { arbitrary: fc.uuid() },
  bytea: { arbitrary: fc.uint8Array({ maxLength: 40 }).map((bytes) => `\\x${Buffer.from(bytes).toString('hex')}`) },
  date: {
    arbitrary: fc.oneof(
      date.map(({ day }) => String(Math.max(-2440588, Math.min(day, 2145031948 - 10957)))),
      fc.constantFrom('0'),
    ),
    sql: "(date '1970-01-01' + $1::int)",
  },
  'date[]': { arbitrary: fc.constantFrom('{infinity,-infinity,0001-01-01 BC,9999-12-31,10000-01-01}') },
  'time without time zone': { arbitrary: clock },
  'time with time zone': {
    arbitrary: fc
      .tuple(clock, zone)
      .map(
        ([time, [sign, h, m, s]]) =>
          `${time}${sign}${String(h).padStart(2, '0')}:${String(m).padStart(2, '0')}:${String(s).padStart(2, '0')}`,
      ),
  },
  'timestamp without time zone': {
    arbitrary: fc.oneof(micros.map(String), fc.constantFrom('0')),
    sql: "(timestamp '1970-01-01' + $1::bigint * interval '1 microsecond')",
  },
  'timestamp with time zone': {
    arbitrary: micros.map(String),
    sql: "(timestamptz '1970-01-01 00:00:00+00' + $1::bigint * interval '1 microsecond')",
  },
  'timestamp(3) without time zone': {
    arbitrary: fc.constantFrom('2024-02-29 12:13:14.567', 'infinity', '-infinity', '0044-03-15 01:02:03 BC'),
  },
  interval: {
    arbitrary: fc
      .tuple(fc.integer(), fc.integer(), fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }))
      .map(([months, days, us]) => `${months} months ${days} days ${us} microseconds`),
  },
  json: { arbitrary: json },
  jsonb: { arbitrary: json },
  mood: { arbitrary: fc.constantFrom('sad', 'ok', 'very "happy", {x}') },
  'mood[]': { arbitrary: arrayOf(fc.constantFrom('sad', 'very "happy", {x}')) },
  positive: { arbitrary: fc.integer({ min: 1 }).map(String) },
  short: { arbitrary: fc.string({ unit: fc.constantFrom('a', 'é', '日'), maxLength: 3 }) },
  'text[]': { arbitrary: arrayOf(text) },
  'bigint[]': { arbitrary: arrayOf(int(64n)) },
  'numeric[]': { arbitrary: arrayOf(decimal) },
  'jsonb[]': { arbitrary: arrayOf(json) },
  'bytea[]': { arbitrary: arrayOf(fc.uint8Array({ maxLength: 9 }).map((bytes) => `\\x${Buffer.from(bytes).toString('hex')}`)) },
  'timestamp with time zone[]': { arbitrary: fc.constantFrom('{"2024-01-01 00:00:00+00",NULL}', '{}') },
  'box[]': { arbitrary: fc.constantFrom('{(2,2),(1,1);(4,4),(3,3)}', '{}') },
  int4range: { arbitrary: fc.tuple(fc.integer({ min: -9999, max: 9999 }), fc.nat(99)).map(([a, b]) => `[${a},${a + b})`) },
  numrange: { arbitrary: fc.constantFrom('empty', '(,)', '[1.50,2.500]', '(1,)', '(,9]') },
  tstzrange: { arbitrary: fc.constantFrom('["2024-01-01 00:00:00+00","2024-01-02 00:00:00+00")', '(,infinity)') },
  textrange: { arbitrary: text.map((lower) => `[${quoted(lower)},)`) },
  int4multirange: { arbitrary: fc.constantFrom('{[1,3),[7,9)}', '{}') },
  inet: {
    arbitrary: fc.oneof(
      fc.ipV4(),
      fc.ipV6().filter((ip) => !ip.includes('.')),
      fc.ipV4().map((ip) => `${ip}/24`),
    ),
  },
  cidr: { arbitrary: fc.constantFrom('10.0.0.0/8', '2001:db8::/32', '192.168.1.1/32') },
  macaddr: { arbitrary: fc.constantFrom('08:00:2b:01:02:03') },
  macaddr8: { arbitrary: fc.constantFrom('08:00:2b:01:02:03:04:05') },
  'bit(5)': { arbitrary: fc.string({ unit: fc.constantFrom('0', '1'), minLength: 5, maxLength: 5 }) },
  'bit varying': { arbitrary: fc.string({ unit: fc.constantFrom('0', '1'), maxLength: 70 }) },
  point: { arbitrary: fc.constantFrom('(1.5,-2)', '(0.1,1e+300)') },
  money: { arbitrary: fc.integer().map((value) => String(value / 100)) },
  tsvector: { arbitrary: fc.constantFrom("'a' 'b c':2A", '') },
  xml: { arbitrary: fc.constantFrom('<a b="1">x</a>') },
  int2vector: { arbitrary: fc.constantFrom('1 2 3', '') },
  pair: { arbitrary: fc.constantFrom('(1,"a,""b")', '(,)') },
};

beforeAll(async () => {
  database = await testDatabase(`
    CREATE TYPE mood AS ENUM ('sad', 'ok', 'very "happy", {x}');
    CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
    CREATE DOMAIN short AS varchar(3);
    CREATE TYPE pair AS (n integer, t text);
    CREATE TYPE textrange AS RANGE (subtype = text);
    CREATE TABLE corpus (id integer, ${Object.keys(types)
      .map((type, index) => `c${index} ${type}`)
      .join(', ')})`);
  direct = await Database.connect(database.url);
  const table = await direct.transaction((connection) => readTable(connection, 'corpus'));
  for (const [index, type] of Object.keys(types).entries()) columns.set(type, table.columns[index + 1]!);
});

afterAll(async () => {
  await direct?.close();
  await database?.[Symbol.asyncDispose]();
});

/** The server's texts of generated values. */
async function fromServer(type: string, sql: string | undefined, samples: readonly unknown[]): Promise<(string | null)[][]> {
  const value = (sql ?? `$1::${type}`).replaceAll('$1', 'v::text');
  return await direct.texts(`SELECT ${value} FROM json_array_elements_text($1::json) AS v`, [JSON.stringify(samples)]);
}

const noLoss = (loss: string, from: string, to: string): void => {
  throw new Error(`lost ${loss}: ${from} to ${to}`);
};

describe.each(Object.entries(types))('%s', (type, { arbitrary, sql }) => {
  it('crosses from the server to the portable form and back without a change, bare and dynamic', async () => {
    const column = columns.get(type)!;
    const decode = decoderOf(column.pgType, column.modifier);
    const encode = encoderOf(column, column.type);
    const encodeDynamic = encoderOf(column, { kind: 'dynamic' });
    const samples = fc.sample(arbitrary, 120);
    const rows = await fromServer(type, sql, samples);
    const written: [string, string][] = [];
    for (const [raw] of rows) {
      const value = decode(raw!);
      const back = encode(value, noLoss);
      written.push([raw!, back]);
      expect(canonicalText(column.type, decode(back))).toBe(canonicalText(column.type, value));
      // A place of any type knows what a value is by the value alone; range bounds and the like are typed from outside.
      if (column.type.kind !== 'range') encodeDynamic(toDynamic(column.type, value), noLoss);
    }
    // The server reads what was written as the very value that it gave.
    const checks = await direct.texts(
      `SELECT w->>0, ((w->>1)::${type})::text FROM json_array_elements($1::json) AS w
       WHERE ((w->>1)::${type})::text IS DISTINCT FROM ((w->>0)::${type})::text LIMIT 3`,
      [JSON.stringify(written)],
    );
    expect(checks).toEqual([]);
  });
});

it('prints what was written as the server prints it', async () => {
  for (const [type, { arbitrary, sql }] of Object.entries(types)) {
    const column = columns.get(type)!;
    if (column.type.kind === 'array' || column.type.kind === 'range') continue;
    const decode = decoderOf(column.pgType, column.modifier);
    const encode = encoderOf(column, column.type);
    const rows = await fromServer(type, sql, fc.sample(arbitrary, 40));
    for (const [raw] of rows) expect(encode(decode(raw!), noLoss), type).toBe(raw);
  }
});

it.each<[string, PortableValue, string]>([
  ['{1,2}', [1n, 2n], 'bigint[]'],
  ['[0:1]={1,2}', new Tagged({ kind: 'native', name: 'bigint[]' }, '[0:1]={1,2}'), 'bigint[]'],
  [
    '{{1,NULL},{3,4}}',
    [
      [1n, null],
      [3n, 4n],
    ],
    'bigint[]',
  ],
  ['{}', [], 'bigint[]'],
])('decodes %s', (raw, value, type) => {
  const column = columns.get(type)!;
  expect(decoderOf(column.pgType, column.modifier)(raw)).toEqual(value);
});
