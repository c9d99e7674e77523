import { checkOperation, type Operation, type PortableValue, Tagged } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { typeConversion } from '../src/operations/type-conversion.ts';
import { decimal, document, float } from './pipeline-cases.ts';

function edits(to: string, value: PortableValue, using?: string, field_name = 'v') {
  const data = { field_name, to, ...(using === undefined ? {} : { using }) };
  const operation = checkOperation({ type: 'change_type', collection: 'c', data }) as Operation<'change_type'>;
  return typeConversion(operation)(document({ v: value, n: 5 }));
}

describe('the conversion of a field', () => {
  it.each<[string, PortableValue, PortableValue, string?]>([
    ['int64', 5, 5n],
    ['text', 5, '5'],
    ['int32', '42', 42],
    ['float64', 5, float(5)],
    ['decimal', 0.1, decimal('0.1')],
    ['boolean', 'yes', true],
    ['timestamptz', '2024-02-29', new Tagged({ kind: 'timestamptz' }, '2024-02-29T00:00:00Z')],
    ['int32', 2.5, 2, '{"$toInt": {"$round": "$v"}}'],
    ['int64', 'x', 5n, '"$n"'],
    ['document', 'x', document({ was: 'x' }), '{"was": "$v"}'],
    ['text', 'x', 'constant', '"constant"'],
  ])('to %s of %o', (to, value, expected, using) => {
    expect(edits(to, value, using)).toEqual([{ kind: 'set', field: 'v', value: expected, type: { kind: to } }]);
  });

  it('leaves null, and what is of the type already', () => {
    expect(edits('text', null)).toEqual([]);
    expect(edits('text', 'x')).toEqual([]);
    expect(edits('text', 'x', undefined, 'gone')).toEqual([]);
  });

  it('sets null, or removes the field, where the expression gives that', () => {
    expect(edits('text', 'x', 'null')).toEqual([{ kind: 'set', field: 'v', value: null }]);
    expect(edits('text', 'x', '"$gone"')).toEqual([{ kind: 'unset', field: 'v' }]);
  });

  it('converts inside of a document', () => {
    expect(edits('text', document({ w: 1, x: 2 }), undefined, 'v.w')).toEqual([
      { kind: 'set', field: 'v', value: document({ w: '1', x: 2 }) },
    ]);
  });

  it.each<[string, PortableValue, string, string?]>([
    ['int32', 'x', '"x" is not a decimal number'],
    ['int32', 2.5, '2.5 is not an integer; round it first'],
    ['float64', 9007199254740993n, '9007199254740993 is another number as float64'],
    ['int64', 'x', '"x" is not a decimal number', '"$v"'],
    ['int32', 'x', '$toInt: "x" is not a decimal number.', '{"$toInt": "$v"}'],
  ])('to %s of %o is refused', (to, value, message, using) => {
    expect(() => edits(to, value, using)).toThrow(message);
  });

  it.each<[string, string, string]>([
    ['varchar(10)', '"$v"', 'UNSUPPORTED_OPERATION'],
    ['text', 'upper(v)', 'INVALID_EXPRESSION'],
    ['text', '{"$upper": "$v"}', 'INVALID_DOCUMENT'],
  ])('to %s by %s cannot be', (to, using, code) => {
    let caught: unknown;
    try {
      edits(to, 'x', using);
    } catch (error) {
      caught = error;
    }
    expect(caught).toMatchObject({ code });
  });
});
