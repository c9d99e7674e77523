import { type Column, type PortableType, type PortableValue, portableColumn, type RowBatch } from '@polyshift/core';

/** A field of the corpus: values that every store is asked to hold, and ones at the limits of some store. */
interface CorpusField {
  readonly type: PortableType;
  /** Two each: the first rows of the corpus have one of every field. */
  readonly ordinary: readonly [PortableValue, PortableValue];
  /** One row each, in which every other field is null: a store that refuses it loses nothing else. */
  readonly extreme: readonly PortableValue[];
}

const text = { kind: 'text' } as const;

/** Every portable type that more than one store has, by the name of its field. */
export const corpusFields: Readonly<Record<string, CorpusField>> = {
  flag: { type: { kind: 'boolean' }, ordinary: [true, false], extreme: [] },
  small: { type: { kind: 'int16' }, ordinary: [7, -8], extreme: [-32768, 32767] },
  whole: { type: { kind: 'int32' }, ordinary: [0, 42], extreme: [-2147483648, 2147483647] },
  big: {
    type: { kind: 'int64' },
    ordinary: [1n, -12345678901n],
    extreme: [9007199254740993n, -9223372036854775808n, 9223372036854775807n],
  },
  ratio: {
    type: { kind: 'float64' },
    ordinary: [0.5, -2.25],
    extreme: [0.1, 1.7976931348623157e308, 5e-324, -0, Number.NaN, Number.POSITIVE_INFINITY],
  },
  price: {
    type: { kind: 'decimal', precision: 30, scale: 10 },
    ordinary: ['12.5', '-0.0000000001'],
    extreme: ['12345678901234567890.1234567891'],
  },
  exact: { type: { kind: 'decimal' }, ordinary: ['1.25', '-300'], extreme: ['1'.padEnd(60, '7'), `0.${'0'.repeat(40)}1`, 'NaN'] },
  name: {
    type: text,
    ordinary: ['plain', 'O\'Neil "Zoë"'],
    extreme: ['', ' ', 'null', 'tab\tnew\nline\\N', '日本語 😀', '$set', '{"a":1}', 'x'.repeat(40_000)],
  },
  code: { type: { kind: 'text', max_length: 20 }, ordinary: ['a-1', 'b-2'], extreme: ['ü'.repeat(20)] },
  token: {
    type: { kind: 'uuid' },
    ordinary: ['00000000-0000-0000-0000-000000000000', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
    extreme: [],
  },
  blob: {
    type: { kind: 'bytes' },
    ordinary: [Uint8Array.of(1, 2, 3), Uint8Array.of(255, 0)],
    extreme: [new Uint8Array(), Uint8Array.from({ length: 256 }, (_, index) => index)],
  },
  day: { type: { kind: 'date' }, ordinary: ['2024-02-29', '1970-01-01'], extreme: ['0001-01-01', '9999-12-31', 'infinity'] },
  hour: { type: { kind: 'time' }, ordinary: ['12:30:00', '00:00:00'], extreme: ['23:59:59.999999'] },
  local: {
    type: { kind: 'timestamp' },
    ordinary: ['2024-02-29T23:59:59', '1970-01-01T00:00:01.25'],
    extreme: ['1969-12-31T23:59:59.999999', 'infinity'],
  },
  instant: {
    type: { kind: 'timestamptz' },
    ordinary: ['2024-02-29T23:59:59.123Z', '1970-01-01T00:00:01Z'],
    extreme: ['2024-02-29T23:59:59.123456Z', '1900-01-01T00:00:00Z', '0044-03-15T00:00:00Z', '-infinity'],
  },
  raw: {
    type: { kind: 'json' },
    ordinary: ['{"a": [1, 2.50, null], "b": {"c": "d"}}', '[1,2]'],
    extreme: ['"text"', '12345678901234567890', 'null', '{}'],
  },
  tags: { type: { kind: 'array', of: text }, ordinary: [['a', 'b'], ['c']], extreme: [[], ['a', null, 'b,c"d\\']] },
  ids: { type: { kind: 'array', of: { kind: 'int64' } }, ordinary: [[1n, 2n], [3n]], extreme: [[9007199254740993n]] },
  profile: {
    type: { kind: 'document' },
    ordinary: [
      new Map<string, PortableValue>([
        ['city', 'Ulm'],
        ['postal_code', 89073],
      ]),
      new Map<string, PortableValue>([['tags', ['x', 'y']]]),
    ],
    extreme: [
      new Map<string, PortableValue>([
        ['longer', 1],
        ['z', 2],
        ['a', 3],
      ]),
      new Map<string, PortableValue>([['a', new Map<string, PortableValue>([['b', [1, null, new Map([['c', true]])]]])]]),
    ],
  },
};

/** The columns of the corpus; `key` names the first, an int64. */
export function corpusColumns(key: string): Column[] {
  return [
    portableColumn(key, { kind: 'int64' }, false),
    ...Object.entries(corpusFields).map(([name, { type }]) => portableColumn(name, type)),
  ];
}

/** The corpus: a row with the first ordinary value of each field, one with the second, one of nulls, and one for each extreme value. */
export function corpusBatch(key: string): RowBatch {
  const fields = Object.values(corpusFields);
  const rows: PortableValue[][] = [
    fields.map(({ ordinary }) => ordinary[0]),
    fields.map(({ ordinary }) => ordinary[1]),
    fields.map(() => null),
  ];
  for (const [position, { extreme }] of fields.entries())
    for (const value of extreme) rows.push(fields.map((_field, index) => (index === position ? value : null)));
  return { kind: 'rows', columns: corpusColumns(key), rows: rows.map((row, index) => [BigInt(index + 1), ...row]) };
}
