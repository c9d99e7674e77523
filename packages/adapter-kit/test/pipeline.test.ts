// biome-ignore-all lint/suspicious/noThenProperty: $cond and $switch have a then
import {
  isPolyshiftError,
  type JsonObject,
  type JsonValue,
  type PortableDocument,
  type PortableValue,
  Tagged,
} from '@polyshift/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePipeline, pipelineFields } from '../src/pipeline/compile-pipeline.ts';
import { compileExpression } from '../src/pipeline/expression.ts';
import type { FieldEdit } from '../src/row-store.ts';
import { portableDocument } from './arbitraries.ts';
import { decimal, document, expressionCases, float, instant, row } from './pipeline-cases.ts';

function errorOf(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}

describe('expressions', () => {
  it.each(expressionCases)('%j', (expression, expected) => {
    expect(compileExpression(expression)(row)).toEqual(expected);
  });

  it.each<[string, JsonValue, PortableValue]>([
    ['a date beside its text', { $gte: ['$at', '2024-02-29'] }, true],
    ['a date beside a later text', { $lt: ['$at', '2024-02-29T13:00:00Z'] }, true],
    ['a uuid beside its text', { $eq: ['$id', '6F1ED002-AB59-4BC8-8B3C-0A1B2C3D4E5F'] }, true],
    ['missing is null, as on every store', { $eq: ['$gone', null] }, true],
    ['bytes as text', { $toString: '$blob' }, '01ff'],
  ])('%s', (_title, expression, expected) => {
    expect(compileExpression(expression)(row)).toEqual(expected);
  });

  it.each<[JsonValue, string]>([
    [{ $concat: ['$a', 'x'] }, '$concat takes a text, not document.'],
    [{ $strLenCP: '$nothing' }, '$strLenCP takes a text, not null.'],
    [{ $add: ['$n', '$name'] }, '$add takes numbers, not text.'],
    [{ $add: ['$at', '$day'] }, '$add takes one date at most, not timestamptz.'],
    [{ $divide: ['$n', 0] }, '$divide takes a divisor other than zero, not int32.'],
    [{ $mod: ['$price', { $numberDecimal: '0.0' }] }, '$mod takes a divisor other than zero, not decimal.'],
    [{ $size: '$gone' }, '$size takes a list, not a missing field.'],
    [{ $in: [1, '$n'] }, '$in takes a list, not int32.'],
    [{ $toInt: '$half' }, '$toInt: 2.5 is not an integer; round it first.'],
    [{ $toInt: '$long' }, '$toInt: 9007199254740993 is beyond the range of int32.'],
    [{ $toDecimal: '$name' }, '$toDecimal: "Ann Ä\u{1f600}" is not a decimal number.'],
    [{ $switch: { branches: [{ case: false, then: 1 }] } }, 'No branch of $switch holds, and it has no default.'],
    [{ $substrCP: ['$name', -1, 2] }, '$substrCP takes whole numbers from 0, not int32.'],
    [{ $mergeObjects: ['$a', 1] }, '$mergeObjects takes documents, not int32.'],
    [{ $dateToString: { date: '$n' } }, '$dateToString takes a date, not int32.'],
    [{ $round: [1.5, 1.5] }, '$round takes a number of places from -20 to 100, not float64.'],
  ])('%j fails for this row', (expression, message) => {
    const error = errorOf(() => compileExpression(expression)(row));
    expect(isPolyshiftError(error, 'CONVERSION_FAILED') && error.message).toBe(message);
  });

  it.each<[JsonValue, string, RegExp?]>([
    [{ $concatt: ['a'] }, 'there is no operator $concatt here.', /Did you mean \$concat\?/],
    [{ $function: {} }, 'there is no operator $function here.', /Operators are \$abs, \$add, /],
    [{ $add: [1], $subtract: [1, 2] }, 'an expression has one operator, not $add, $subtract.'],
    [{ $add: [] }, '$add takes at least 1 arguments, not 0.'],
    [{ $subtract: [1] }, '$subtract takes 2 arguments, not 1.'],
    [{ $cond: [1, 2] }, '$cond takes 3 arguments, not 2.'],
    [{ $cond: { if: 1, then: 2 } }, '$cond needs else.'],
    [{ $cond: { if: 1, then: 2, otherwise: 3 } }, '$cond has no otherwise.', /It takes if, then, else/],
    [{ $convert: { input: 1, to: 'strng' } }, '$convert converts to no "strng".', /Did you mean string/],
    [{ $switch: {} }, '$switch needs branches.'],
    [{ $switch: { branches: [{ case: 1 }] } }, 'a branch of $switch needs case and then.'],
    [{ $dateToString: { date: 1, format: '%Q' } }, '$dateToString has no %Q.'],
    ['$$NOW', 'there is no variable $$NOW.', /Variables are \$\$CURRENT/],
    ['$', '$ names no field.'],
    [{ $numberLong: '1.5' }, '{"$numberLong":"1.5"} is no value: 1.5 is not an integer; round it first'],
  ])('%j is refused when it is compiled', (expression, message, hint) => {
    const error = errorOf(() => compileExpression(expression));
    expect(isPolyshiftError(error, 'INVALID_DOCUMENT') && error.message).toBe(message);
    if (hint) expect((error as { hint: string }).hint).toMatch(hint);
  });

  it('computes whole numbers as whole numbers are computed', () => {
    const whole = fc.oneof(fc.integer(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }));
    const signs = {
      $add: (a: bigint, b: bigint) => a + b,
      $subtract: (a: bigint, b: bigint) => a - b,
      $multiply: (a: bigint, b: bigint) => a * b,
    };
    fc.assert(
      fc.property(whole, whole, fc.constantFrom(...Object.entries(signs)), (a, b, [name, sign]) => {
        const result = compileExpression({ [name]: ['$a', '$b'] })(document({ a, b }));
        const expected = sign(BigInt(a), BigInt(b));
        expect(result instanceof Tagged ? result.value : String(result)).toBe(String(expected));
        if (expected >= -(2n ** 63n) && expected < 2n ** 63n) expect(result).not.toBeInstanceOf(Tagged);
      }),
    );
  });

  it('rounds as numbers with a decimal point are rounded by hand', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }),
        fc.nat(6),
        fc.integer({ min: -3, max: 7 }),
        (unscaled, scale, places) => {
          const value = new Tagged({ kind: 'decimal' }, shifted(unscaled, scale));
          const got = (operator: string) => compileExpression({ [operator]: ['$v', places] })(document({ v: value })) as Tagged;
          // Both as whole numbers of the smallest unit there is.
          const units = 10n ** 10n;
          const exact = unscaled * 10n ** BigInt(10 - scale);
          const step = 10n ** BigInt(10 - places);
          const result = inUnits(String(got('$round').value), units);
          expect(result % step).toBe(0n);
          const off = absolute(result - exact) * 2n;
          expect(off <= step).toBe(true);
          if (off === step) expect((result / step) % 2n).toBe(0n);
          const cut = inUnits(String(got('$trunc').value), units);
          expect(cut % step === 0n && absolute(cut) <= absolute(exact) && absolute(exact) - absolute(cut) < step).toBe(true);
        },
      ),
    );
  });
});

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function shifted(unscaled: bigint, scale: number): string {
  const text = absolute(unscaled)
    .toString()
    .padStart(scale + 1, '0');
  return `${unscaled < 0n ? '-' : ''}${text.slice(0, text.length - scale)}${scale === 0 ? '' : `.${text.slice(-scale)}`}`;
}

function inUnits(text: string, units: bigint): bigint {
  const [whole = '0', fraction = ''] = text.split('.');
  const size = String(units).length - 1;
  return BigInt(`${whole}${fraction.padEnd(size, '0')}`);
}

describe('pipelines', () => {
  const set = (field: string, value: PortableValue): FieldEdit => ({ kind: 'set', field, value });
  const unset = (field: string): FieldEdit => ({ kind: 'unset', field });

  it.each<[string, JsonObject[], FieldEdit[]]>([
    ['sets a field', [{ $set: { n: 8 } }], [set('n', 8)]],
    ['adds a field', [{ $addFields: { new: { $concat: ['$digits', '!'] } } }], [set('new', '42!')]],
    ['leaves what is the same', [{ $set: { n: 7, price: { $numberDecimal: '12.50' } } }], []],
    ['sees a change of type', [{ $set: { n: { $toLong: '$n' } } }], [set('n', 7n)]],
    ['sees digits more', [{ $set: { price: { $numberDecimal: '12.5' } } }], [set('price', decimal('12.5'))]],
    ['sees a float that was an int', [{ $set: { n: { $toDouble: '$n' } } }], [set('n', float(7))]],
    ['lets a stage see what it found', [{ $set: { n: '$digits', digits: '$n' } }], [set('n', '42'), set('digits', 7)]],
    ['lets a stage see what the one before made', [{ $set: { n: '$digits' } }, { $set: { digits: '$n' } }], [set('n', '42')]],
    ['undoes itself', [{ $set: { n: 8 } }, { $set: { n: { $subtract: ['$n', 1] } } }], []],
    ['removes', [{ $unset: 'n' }], [unset('n')]],
    ['removes several, of which some are not there', [{ $unset: ['n', 'gone', 'a.gone.b'] }], [unset('n')]],
    ['removes what is set to nothing', [{ $set: { n: '$gone', gone: '$$REMOVE' } }], [unset('n')]],
    ['sets null', [{ $set: { n: null } }], [set('n', null)]],
    ['sets inside of a document', [{ $set: { 'a.b.d': 1 } }], [set('a', document({ b: document({ c: 'deep', d: 1 }) }))]],
    ['takes a document as paths', [{ $set: { a: { b: { d: 1 } } } }], [set('a', document({ b: document({ c: 'deep', d: 1 }) }))]],
    ['replaces a document by a literal', [{ $set: { a: { $literal: { d: 1 } } } }], [set('a', document({ d: 1 }))]],
    ['makes documents on the way', [{ $set: { 'new.er.est': 1 } }], [set('new', document({ er: document({ est: 1 }) }))]],
    ['puts a document in place of a scalar', [{ $set: { 'n.b': 1 } }], [set('n', document({ b: 1 }))]],
    [
      'sets in each element',
      [{ $set: { 'items.p': 0 } }],
      [set('items', [document({ p: 0 }), document({ q: 2, p: 0 }), document({ p: 0 })])],
    ],
    ['removes in each element', [{ $unset: 'items.q' }], [set('items', [document({ p: 1 }), document({}), document({ p: 3 })])]],
    ['removes inside of a document', [{ $unset: 'a.b.c' }], [set('a', document({ b: document({}) }))]],
    ['knows a field by its whole name first', [{ $set: { 'x.y': 1 } }], [set('x.y', 1)]],
    [
      'reads dates of the operation',
      [{ $set: { at: { $date: '2024-01-01T00:00:00Z' } } }],
      [set('at', instant('2024-01-01T00:00:00Z'))],
    ],
  ])('%s', (_title, stages, edits) => {
    expect(compilePipeline(stages)(row)).toEqual(edits);
  });

  it.each<[string, JsonObject, PortableValue, PortableValue]>([
    ['-0', { $set: { v: 0 } }, -0, 0],
    ['0', { $set: { v: { $multiply: ['$v', -1] } } }, float(0), -0],
  ])('sees the sign of zero: %s', (_title, stage, before, after) => {
    expect(compilePipeline([stage])(document({ v: before }))).toEqual([set('v', after)]);
  });

  it('keeps decimals that no float can hold', () => {
    const [large, small] = [`${'9'.repeat(400)}.5`, `0.${'0'.repeat(400)}1`].map(decimal);
    const edits = compilePipeline([{ $set: { large: { $trunc: '$large' }, one: { $divide: ['$small', '$small'] } } }]);
    expect(edits(document({ large: large!, small: small! }))).toEqual([
      set('large', decimal('9'.repeat(400))),
      set('one', decimal('1')),
    ]);
  });

  it.each<[JsonObject, string]>([
    [{ $set: { label: { $concat: ['$a', 'x'] } } }, 'label: $concat takes a text, not document.'],
    [{ $set: { at: { $add: ['$at', 9e17] } } }, 'at: a date and time beyond the years that can be computed with'],
  ])('names the field whose value fails: %j', (stage, message) => {
    const error = errorOf(() => compilePipeline([stage])(row));
    expect(isPolyshiftError(error, 'CONVERSION_FAILED') && error.message).toBe(message);
  });

  it('names the fields that it writes', () => {
    const stages = [
      { $set: { a: { b: 1, c: { d: 2 } }, n: 1 } },
      { $unset: ['n', 'old.field'] },
      { $addFields: { 'x.y': '$n' } },
    ];
    expect(pipelineFields(stages)).toEqual(['a.b', 'a.c.d', 'n', 'old.field', 'x.y']);
  });

  it('changes nothing when constants are set a second time', () => {
    const stages = fc.array(
      fc.oneof(
        fc
          .dictionary(
            fc.constantFrom('a', 'b', 'a.b', 'b.a'),
            fc.jsonValue({ maxDepth: 1 }).map((value) => ({ $literal: value as JsonValue })),
            { minKeys: 1 },
          )
          .map((body) => ({ $set: body })),
        fc.constantFrom('a', 'b', 'a.b', 'b.a').map((path) => ({ $unset: path })),
      ),
      { minLength: 1, maxLength: 3 },
    );
    fc.assert(
      fc.property(portableDocument, stages, (given, pipeline) => {
        // What was under the whole name is gone after the first time, and the path is what is left.
        given.delete('a.b');
        const edits = compilePipeline(pipeline as JsonObject[]);
        const once = edited(given, edits(given));
        expect(edits(once)).toEqual([]);
      }),
    );
  });

  it('leaves the document that it was given as it was', () => {
    fc.assert(
      fc.property(portableDocument, (given) => {
        const copy = new Map(given);
        compilePipeline([{ $set: { 'a.b': 1, b: '$a' } }, { $unset: ['a.b', '1'] }])(given);
        expect(given).toEqual(copy);
      }),
    );
  });

  it.each<[JsonObject[], string, string?]>([
    [[{ $group: { _id: null } }], 'there is no stage $group here.', 'Stages are $set, $addFields, $unset.'],
    [[{ $seet: { a: 1 } }], 'there is no stage $seet here.', 'Did you mean $set? Stages are $set, $addFields, $unset.'],
    [[{ $set: { a: 1 }, $unset: 'b' }], 'a stage has exactly one key.'],
    [[{ $set: {} }], '$set takes an object of fields with their expressions.'],
    [[{ $set: { 'a..b': 1 } }], '"a..b" is not the path of a field.'],
    [[{ $set: { $a: 1 } }], '"$a" is not the path of a field.'],
    [[{ $unset: { a: 1 } }], '$unset takes the name of a field or a list of names.'],
    [[{ $set: { a: 1 } }, { $set: { a: { $ad: [1] } } }], 'there is no operator $ad here.'],
  ])('%j is refused', (stages, message, hint) => {
    for (const compile of [compilePipeline, pipelineFields]) {
      const error = errorOf(() => compile(stages));
      expect(isPolyshiftError(error, 'INVALID_DOCUMENT') && error.message).toBe(message);
      if (hint) expect((error as { hint: string }).hint).toBe(hint);
      expect(isPolyshiftError(error) && error.place).toEqual({ path: `data.pipeline[${stages.length - 1}]` });
    }
  });
});

function edited(document: PortableDocument, edits: readonly FieldEdit[]): PortableDocument {
  const copy = new Map(document);
  for (const edit of edits) {
    if (edit.kind === 'set') copy.set(edit.field, edit.value);
    else if (edit.kind === 'unset') copy.delete(edit.field);
  }
  return copy;
}
