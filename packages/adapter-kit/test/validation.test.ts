import {
  dynamicOfPlain,
  isPolyshiftError,
  type JsonObject,
  type JsonValue,
  type PortableDocument,
  type PortableValue,
  Tagged,
} from '@polyshift/core';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileValidation } from '../src/validation/compile-validation.ts';
import { decimal, document, float, instant } from './pipeline-cases.ts';

const uuid = '6f1ed002-ab59-4bc8-8b3c-0a1b2c3d4e5f';

/** The violations of a document whose field `v` has a schema. */
function violations(schema: JsonObject, value: PortableValue): string[] {
  return compileValidation({ properties: { v: schema } })(document({ v: value }));
}

describe('validation', () => {
  it.each<[JsonObject, PortableValue, string?]>([
    [{ bsonType: 'string' }, 'a'],
    [{ bsonType: 'string' }, 1, 'v is int32, not string'],
    [{ type: 'string' }, null, 'v is null, not string'],
    [{ type: ['string', 'null'] }, null],
    [{ type: ['string', 'null'] }, true, 'v is boolean, not string or null'],
    [{ bsonType: 'string' }, new Tagged({ kind: 'enum', values: ['a'] }, 'a')],
    [{ bsonType: 'int' }, 1],
    [{ bsonType: 'int' }, 1n],
    [{ bsonType: 'int' }, decimal('1.0')],
    [{ bsonType: 'int' }, float(1), 'v is float64, not int'],
    [{ bsonType: 'int' }, 2147483648n, 'v is int64, not int'],
    [{ bsonType: 'long' }, 1],
    [{ bsonType: 'long' }, decimal('9223372036854775808'), 'v is decimal, not long'],
    [{ bsonType: 'double' }, 0.5],
    [{ bsonType: 'double' }, 1],
    [{ bsonType: 'double' }, 9007199254740993n, 'v is int64, not double'],
    [{ bsonType: 'double' }, decimal('0.1')],
    [{ bsonType: 'double' }, decimal('0.10000000000000000001'), 'v is decimal, not double'],
    [{ bsonType: 'decimal' }, 5n],
    [{ bsonType: 'decimal' }, 0.5, 'v is float64, not decimal'],
    [{ type: 'integer' }, float(5)],
    [{ type: 'integer' }, 5.5, 'v is float64, not integer'],
    [{ type: 'number' }, decimal('NaN')],
    [{ bsonType: 'bool' }, 1, 'v is int32, not bool'],
    [{ bsonType: 'date' }, instant('2024-01-01T00:00:00Z')],
    [{ bsonType: 'date' }, '2024-01-01', 'v is text, not date'],
    [{ bsonType: 'binData' }, Uint8Array.of(1)],
    [{ bsonType: ['binData'] }, new Tagged({ kind: 'uuid' }, uuid)],
    [{ type: 'string' }, new Tagged({ kind: 'uuid' }, uuid)],
    [{ bsonType: 'objectId' }, new Tagged({ kind: 'object_id' }, '507f1f77bcf86cd799439011')],
    [{ type: 'object' }, new Tagged({ kind: 'json' }, '{}')],
    [{ type: 'array' }, []],

    [{ enum: ['a', 1, null] }, 1n],
    [{ enum: ['a', 1, null] }, null],
    [{ enum: ['a', 1] }, 'b', 'v is none of ["a",1]'],
    [{ enum: ['2024-01-01'] }, instant('2024-01-01T00:00:00Z')],
    [{ enum: [[1, { a: 'b' }]] }, [1n, document({ a: 'b' })]],
    [{ const: 5 }, decimal('5.0')],
    [{ const: 5 }, 6, 'v is not 5'],

    [{ minimum: 18 }, 18n],
    [{ minimum: 18 }, 17, 'v is less than 18'],
    [{ minimum: 18 }, 'text'],
    [{ minimum: 18, exclusiveMinimum: true }, 18, 'v is not greater than 18'],
    [{ minimum: 18, exclusiveMinimum: false }, 18],
    [{ exclusiveMinimum: 18 }, 18, 'v is not greater than 18'],
    [{ maximum: 9007199254740992 }, 9007199254740993n, 'v is greater than 9007199254740992'],
    [{ maximum: { $numberDecimal: '0.1' } }, decimal('0.10000000000000000001'), 'v is greater than 0.1'],
    [{ maximum: 1, exclusiveMaximum: true }, 1, 'v is not less than 1'],
    [{ exclusiveMaximum: 1 }, 0.5],
    [{ minimum: 0 }, Number.NaN, 'v is less than 0'],
    [{ maximum: 0 }, decimal('NaN'), 'v is greater than 0'],
    [{ multipleOf: 0.1 }, 0.3],
    [{ multipleOf: 0.01 }, decimal('19.99')],
    [{ multipleOf: 5 }, 12n, 'v is no multiple of 5'],
    [{ multipleOf: 5 }, Infinity, 'v is no multiple of 5'],

    [{ minLength: 2 }, '\u{1f600}', 'v is shorter than 2 characters'],
    [{ maxLength: 1 }, '\u{1f600}'],
    [{ maxLength: 1 }, 'ab', 'v is longer than 1 characters'],
    [{ maxLength: 1 }, 12],
    [{ pattern: '^[a-z]+$' }, 'abc'],
    [{ pattern: '^[a-z]+$' }, 'aBc', 'v does not match ^[a-z]+$'],
    [{ pattern: '^a\\-b' }, 'a-b'],
    [{ pattern: '^6f1e' }, new Tagged({ kind: 'uuid' }, uuid)],

    [{ items: { type: 'string' } }, ['a', 1, 'b', null], 'v[1] is int32, not string; v[3] is null, not string'],
    [{ items: [{ type: 'string' }, { type: 'number' }] }, ['a', 1, true]],
    [{ items: [{ type: 'string' }], additionalItems: false }, ['a', 1], 'v has more than 1 elements'],
    [{ items: [{ type: 'string' }], additionalItems: { type: 'number' } }, ['a', 'b'], 'v[1] is text, not number'],
    [{ minItems: 1, maxItems: 2 }, [], 'v has fewer than 1 elements'],
    [{ minItems: 1, maxItems: 2 }, [1, 2, 3], 'v has more than 2 elements'],
    [{ uniqueItems: true }, [1, 'x', decimal('1.0')], 'v has an element twice'],
    [{ uniqueItems: true }, [1, '1', true]],
    [{ uniqueItems: false }, [1, 1]],

    [{ required: ['a', 'b'] }, document({ a: null }), 'v.b is missing'],
    [{ properties: { a: { properties: { b: { minimum: 1 } } } } }, document({ a: document({ b: 0 }) }), 'v.a.b is less than 1'],
    [{ patternProperties: { '^n_': { type: 'number' } } }, document({ n_a: 1, n_b: 'x', c: 'y' }), 'v.n_b is text, not number'],
    [
      { properties: { a: {} }, patternProperties: { '^n_': {} }, additionalProperties: false },
      document({ a: 1, n_b: 2, c: 3 }),
      'v.c is not allowed',
    ],
    [{ additionalProperties: { type: 'string' } }, document({ a: 'x', b: 1 }), 'v.b is int32, not string'],
    [{ additionalProperties: true }, document({ a: 1 })],
    [{ minProperties: 1 }, document({}), 'v has fewer than 1 fields'],
    [{ maxProperties: 1 }, document({ a: 1, b: 2 }), 'v has more than 1 fields'],
    [{ dependencies: { a: ['b'] } }, document({ a: 1 }), 'v.b is missing'],
    [{ dependencies: { a: { maxProperties: 1 } } }, document({ a: 1, b: 2 }), 'v has more than 1 fields'],

    [{ allOf: [{ minimum: 1 }, { maximum: 0 }] }, 0.5, 'v is less than 1; v is greater than 0'],
    [{ anyOf: [{ type: 'string' }, { minimum: 5 }] }, 4, 'v meets none of the 2 schemas of anyOf'],
    [{ anyOf: [{ type: 'string' }, { minimum: 5 }] }, 5],
    [{ oneOf: [{ minimum: 1 }, { minimum: 2 }] }, 3, 'v meets 2 of the 2 schemas of oneOf instead of one'],
    [{ oneOf: [{ minimum: 1 }, { minimum: 2 }] }, 1],
    [{ not: { type: 'string' } }, 'a', 'v meets the schema of not'],
    [{ title: 't', description: 'd', $comment: 'c', default: 1, examples: [] }, 'anything'],
  ])('%j of %o', (schema, value, broken) => {
    expect(violations(schema, value).join('; ')).toBe(broken ?? '');
  });

  it('speaks of the row where it is meant', () => {
    const schema: JsonObject = { bsonType: 'object', required: ['a'], minProperties: 2 };
    expect(compileValidation(schema)(document({ b: 1 }))).toEqual(['a is missing', 'the row has fewer than 2 fields']);
  });

  it.each<[JsonObject, string, string, RegExp?]>([
    [{ requird: ['a'] }, 'there is no keyword requird in a validation schema here.', 'data.schema', /^Did you mean required\?/],
    [
      { properties: { a: { format: 'email' } } },
      'there is no keyword format in a validation schema here.',
      'data.schema.properties.a',
    ],
    [{ $ref: '#/a' }, 'there is no keyword $ref in a validation schema here.', 'data.schema'],
    [
      { properties: { a: { type: 'strng' } } },
      'there is no type "strng".',
      'data.schema.properties.a.type',
      /^Did you mean string\?/,
    ],
    [{ minimum: '5' }, 'the keyword needs a number.', 'data.schema.minimum'],
    [{ exclusiveMinimum: true }, 'the keyword as true or false needs minimum beside it.', 'data.schema.exclusiveMinimum'],
    [{ multipleOf: 0 }, 'the keyword needs a number greater than zero.', 'data.schema.multipleOf'],
    [{ minLength: -1 }, 'the keyword needs a whole number from 0.', 'data.schema.minLength'],
    [
      { pattern: '(' },
      '"(" is no regular expression: Invalid regular expression: /(/: Unterminated group.',
      'data.schema.pattern',
    ],
    [{ required: 'a' }, 'the keyword needs a list that is not empty.', 'data.schema.required'],
    [{ required: [1] }, 'the keyword needs a list of texts.', 'data.schema.required'],
    [{ enum: [] }, 'the keyword needs a list that is not empty.', 'data.schema.enum'],
    [{ anyOf: [{ type: 'x' }] }, 'there is no type "x".', 'data.schema.anyOf[0].type'],
    [{ uniqueItems: 1 }, 'the keyword needs true or false.', 'data.schema.uniqueItems'],
    [{ items: true }, 'a schema is an object.', 'data.schema.items'],
    [{ properties: [] }, 'the keyword needs an object.', 'data.schema.properties'],
  ])('%j is refused when it is compiled', (schema, message, place, hint) => {
    let caught: unknown;
    try {
      compileValidation(schema);
    } catch (error) {
      caught = error;
    }
    expect(isPolyshiftError(caught, 'INVALID_DOCUMENT') && [caught.message, caught.place?.path]).toEqual([message, place]);
    if (hint) expect((caught as { hint: string }).hint).toMatch(hint);
  });

  it('agrees with another implementation of JSON Schema on what both can hold', () => {
    const ajv = new Ajv({ strict: false, allErrors: false, logger: false });
    fc.assert(
      fc.property(schemas, plain, (schema, value) => {
        const judge = ajv.compile(schema);
        const own = compileValidation(schema)(dynamicOfPlain(value) as PortableDocument);
        expect({ valid: own.length === 0, own }).toEqual({ valid: judge(value), own });
      }),
      { numRuns: 2000 },
    );
  });
});

/** Small whole numbers and texts, so that schemas hit values. */
const leaf = fc.constantFrom<JsonValue>(null, true, false, 0, 1, 2, 3, 1.5, -1, '', 'a', 'ab', 'b', '\u{1f600}');
const names = fc.constantFrom('a', 'b', 'c', 'ab');
const { value: json, object: plain } = fc.letrec<{ value: JsonValue; object: JsonObject }>((tie) => ({
  value: fc.oneof({ depthSize: 'small', maxDepth: 3 }, leaf, fc.array(tie('value'), { maxLength: 3 }), tie('object')),
  object: fc.dictionary(names, tie('value'), { maxKeys: 3, noNullPrototype: true }) as fc.Arbitrary<JsonObject>,
}));

const typeName = fc.constantFrom('string', 'number', 'integer', 'boolean', 'null', 'array', 'object');
const count = fc.nat(3);
const number = fc.constantFrom(0, 1, 1.5, 2);
const { schema: schemas } = fc.letrec<{ schema: JsonObject }>((tie) => {
  const list = fc.array(tie('schema'), { minLength: 1, maxLength: 2 });
  const keywords: Record<string, fc.Arbitrary<unknown>> = {
    type: fc.oneof(typeName, fc.uniqueArray(typeName, { minLength: 1, maxLength: 3 })),
    enum: fc.uniqueArray(json, { minLength: 1, maxLength: 4, selector: (value) => JSON.stringify(value) }),
    const: json,
    required: fc.uniqueArray(names, { maxLength: 2 }),
    properties: fc.dictionary(names, tie('schema'), { maxKeys: 3, noNullPrototype: true }),
    patternProperties: fc.dictionary(fc.constantFrom('^a', 'b$'), tie('schema'), { maxKeys: 2, noNullPrototype: true }),
    additionalProperties: fc.oneof(fc.boolean(), tie('schema')),
    minProperties: count,
    maxProperties: count,
    dependencies: fc.dictionary(names, fc.oneof(fc.uniqueArray(names, { minLength: 1, maxLength: 2 }), tie('schema')), {
      maxKeys: 1,
      noNullPrototype: true,
    }),
    minimum: number,
    maximum: number,
    exclusiveMinimum: number,
    exclusiveMaximum: number,
    multipleOf: fc.constantFrom(1, 1.5, 2),
    minLength: count,
    maxLength: count,
    pattern: fc.constantFrom('a', '^a$', '^.$', 'b'),
    items: fc.oneof(tie('schema'), list),
    additionalItems: fc.oneof(fc.boolean(), tie('schema')),
    minItems: count,
    maxItems: count,
    uniqueItems: fc.boolean(),
    allOf: list,
    anyOf: list,
    oneOf: list,
    not: tie('schema'),
  };
  const some = fc.subarray(Object.keys(keywords), { minLength: 1, maxLength: 3 });
  const made = some.chain((chosen) => fc.record(Object.fromEntries(chosen.map((name) => [name, keywords[name]!]))));
  return { schema: fc.oneof({ depthSize: 'small', maxDepth: 3 }, fc.constant({}), made) as fc.Arbitrary<JsonObject> };
});
