import { type PortableDocument, type PortableValue, Tagged } from '@polyshift/core';
import fc from 'fast-check';

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const digits = fc.tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.nat(12)).map(([unscaled, scale]) => {
  const text = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
  const [whole, fraction] = [text.slice(0, text.length - scale), text.slice(text.length - scale)];
  return `${unscaled < 0n ? '-' : ''}${whole}${scale === 0 ? '' : `.${fraction}`}`;
});

/** Numbers of every type, small ones often, so that equal ones meet. */
export const portableNumber: fc.Arbitrary<PortableValue> = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -3, max: 3 }) },
  { weight: 2, arbitrary: fc.integer({ min: -3, max: 3 }).map(BigInt) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('0', '1', '1.0', '-2', '0.5', '0.1', '0.10', 'NaN', 'Infinity', '-Infinity').map(decimal),
  },
  { weight: 2, arbitrary: fc.constantFrom(0.5, 0.1, -0, 2 ** 53, 2 ** 62, 1e23, Number.NaN, Infinity, -Infinity) },
  { weight: 1, arbitrary: fc.constantFrom(2n ** 53n, 2n ** 53n + 1n, 2n ** 62n) },
  fc.double(),
  int64,
  digits.map(decimal),
  fc.float().map((value) => new Tagged({ kind: 'float32' }, value)),
);

/** Texts with signs from all over Unicode. */
export const portableText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom('', 'a', 'b', 'ab', 'A', '%', '_', '\\', '\u{1f600}', '\uffff', '2024-02-29'),
  fc.string({ unit: 'binary', maxLength: 6 }),
);

const scalar: fc.Arbitrary<PortableValue> = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  portableNumber,
  portableText,
  fc.uint8Array({ maxLength: 4 }),
  fc.uuid().map((value) => new Tagged({ kind: 'uuid' }, value)),
  fc
    .date({ noInvalidDate: true, min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T00:00:00Z') })
    .map((date) => new Tagged({ kind: 'timestamptz' }, date.toISOString().replace(/\.?0+Z$/, 'Z'))),
  fc.constantFrom('infinity', '-infinity', '2024-02-29').map((date) => new Tagged({ kind: 'date' }, date)),
  fc.constantFrom('P1D', 'PT24H').map((interval) => new Tagged({ kind: 'interval' }, interval)),
);

const fieldName = fc.oneof(fc.constantFrom('a', 'b', 'a.b', '__proto__', '1', ''), fc.string({ maxLength: 4 }));

/** Dynamic values of every kind, nested. */
export const portableValue: fc.Arbitrary<PortableValue> = fc.letrec<{ value: PortableValue; document: PortableDocument }>(
  (tie) => ({
    value: fc.oneof({ depthSize: 'small' }, scalar, fc.array(tie('value'), { maxLength: 3 }), tie('document')),
    document: fc
      .uniqueArray(fc.tuple(fieldName, tie('value')), { maxLength: 4, selector: ([name]) => name })
      .map((fields) => new Map(fields)),
  }),
).value;

/** Documents of such values. */
export const portableDocument: fc.Arbitrary<PortableDocument> = fc
  .uniqueArray(fc.tuple(fieldName, portableValue), { maxLength: 5, selector: ([name]) => name })
  .map((fields) => new Map(fields));

function decimal(text: string): Tagged {
  return new Tagged({ kind: 'decimal' }, text);
}
