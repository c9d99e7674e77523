import { jsonBatch, jsonCodec, jsonRow, jsonRowEncoder, jsonRowOf, jsonRowText, jsonTypes } from '@polyshift/adapter-kit';
import { type JsonValue, type PortableValue, portableColumn, simpleKinds, Tagged } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { valueFromJson, valueToJson } from '../src/json-rows/json-value.ts';

const throughText = (value: JsonValue): JsonValue => JSON.parse(JSON.stringify(value)) as JsonValue;

const values: PortableValue[] = [
  null,
  true,
  0,
  -0,
  1.5,
  Number.NaN,
  Number.NEGATIVE_INFINITY,
  9007199254740993n,
  '',
  '{"int64":"1"}',
  Uint8Array.of(0, 255),
  [1, [null, 2n]],
  new Map<string, PortableValue>([
    ['2', 1],
    ['1', new Map([['__proto__', 'x']])],
  ]),
  new Tagged({ kind: 'decimal', precision: 4, scale: 2 }, '1.10'),
  new Tagged({ kind: 'float64' }, 3),
  new Tagged(
    { kind: 'range', of: { kind: 'int64' } },
    { empty: false, lower: 1n, upper: null, lower_inclusive: true, upper_inclusive: false },
  ),
];

describe('a value as JSON', () => {
  it.each(values.map((value) => [value]))('%s comes back with its type', (value) => {
    expect(valueFromJson(throughText(valueToJson(value)))).toStrictEqual(value);
  });
});

describe('a row as JSON', () => {
  it('is one text whatever the order of its fields, and comes back from it', () => {
    const row = jsonRow(new Map(values.map((value, index) => [`${index % 2 ? '' : 'f'}${index}`, value])));
    const reversed = new Map([...row].reverse());
    expect(jsonRowText(reversed)).toBe(jsonRowText(row));
    expect(new Map(jsonRowOf(jsonRowText(row)))).toEqual(row);
    const odd = jsonRow(
      new Map<string, PortableValue>([
        ['keys', 1n],
        ['__proto__', 2],
      ]),
    );
    expect(new Map(jsonRowOf(jsonRowText(odd)))).toEqual(odd);
  });

  it('is edited with everything else as it was, and a value takes the type that is asked for', () => {
    const row = jsonRow(
      new Map<string, PortableValue>([
        ['a', 1],
        ['b', 2n],
      ]),
    );
    const edited = jsonCodec.edit('c', row, [
      { kind: 'set', field: 'n', value: 3, type: { kind: 'float64' } },
      { kind: 'rename', from: 'a', to: 'z' },
      { kind: 'unset', field: 'b' },
    ]);
    expect(jsonCodec.decode('c', edited)).toEqual(
      new Map<string, PortableValue>([
        ['z', 1],
        ['n', new Tagged({ kind: 'float64' }, 3)],
      ]),
    );
  });
});

describe('the encoder of rows as JSON', () => {
  const columns = [portableColumn('id', { kind: 'int64' }), portableColumn('at', { kind: 'date' })];

  it('takes rows and documents, keeps null and missing apart, and rejects a row without its key', () => {
    const encoder = jsonRowEncoder(['id']);
    const rows = [
      [1n, null],
      [null, '2024-01-01'],
      [2n, undefined],
    ];
    const { batch, rejected } = encoder.encode({ kind: 'rows', columns, rows });
    expect(rejected.map(({ index, code }) => [index, code])).toEqual([[1, 'CONVERSION_FAILED']]);
    expect(encoder.rowsOf(batch).map(({ row }) => [...row.keys()])).toEqual([['id', 'at'], ['id']]);
    const again = encoder.encode(jsonBatch(encoder.rowsOf(batch)));
    expect(encoder.rowsOf(again.batch)).toEqual(encoder.rowsOf(batch));
  });

  it('declares every type as exact', () => {
    expect(Object.keys(jsonTypes).sort()).toEqual([...simpleKinds, 'array', 'enum', 'native', 'range'].sort());
  });
});
