import { type PortableDocument, type PortableValue, toDynamic } from '@polyshift/core';
import fc from 'fast-check';

/** Values that say their own type, as documents hold them; those that JSON keeps apart by itself. */
export const dynamicValue: fc.Arbitrary<PortableValue> = fc.letrec<{ value: PortableValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constant(null),
    fc.boolean(),
    fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).filter((value) => BigInt.asIntN(32, value) !== value),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => toDynamic({ kind: 'float64' }, value)),
    fc.string(),
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .dictionary(fc.string({ minLength: 1 }), tie('value'), { maxKeys: 4 })
      .map((fields): PortableDocument => new Map(Object.entries(fields))),
  ),
})).value;

/** A document of such values. */
export const portableDocument: fc.Arbitrary<PortableDocument> = fc
  .array(fc.tuple(fc.string({ minLength: 1 }), dynamicValue), { maxLength: 6 })
  .map((fields) => new Map(fields));

/** Decimals of any number of digits. */
export const decimalText: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom('', '-'), fc.bigInt({ min: 0n, max: 10n ** 40n }), fc.stringMatching(/^[0-9]{0,30}$/))
  .map(([sign, whole, fraction]) => `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}`);
