import fc from 'fast-check';
import type { AttributeValue } from '../src/values/attribute.ts';

/** Digits of a number that DynamoDB holds: at most 38 that count, whatever stands around them. */
export const numberDigits: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom('', '-'), fc.bigInt({ min: 0n, max: 10n ** 38n - 1n }), fc.integer({ min: -100, max: 80 }))
  .map(([sign, digits, exponent]) => `${sign}${digits}E${exponent}`);

const text = fc.string({ unit: 'grapheme', maxLength: 8 });
const bytes = fc.uint8Array({ maxLength: 8 });
const number = fc.oneof(fc.integer().map(String), fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String), numberDigits);
/** Names of attributes. */
export const name: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom('a', 'b', 'c.d', 'constructor', "it's", 'keys'),
  text.filter((each) => each !== ''),
);

const scalar: fc.Arbitrary<AttributeValue> = fc.oneof(
  text.map((S) => ({ S })),
  number.map((N) => ({ N })),
  bytes.map((B) => ({ B })),
  fc.boolean().map((BOOL) => ({ BOOL })),
  fc.constant({ NULL: true as const }),
);

const sets: fc.Arbitrary<AttributeValue> = fc.oneof(
  fc.uniqueArray(text, { minLength: 1, maxLength: 4 }).map((SS) => ({ SS })),
  fc.uniqueArray(fc.integer().map(String), { minLength: 1, maxLength: 4 }).map((NS) => ({ NS })),
  fc.uniqueArray(bytes, { minLength: 1, maxLength: 3, selector: (each) => each.join() }).map((BS) => ({ BS })),
);

/** Any value of DynamoDB. */
export const attribute: fc.Arbitrary<AttributeValue> = fc.letrec<{ value: AttributeValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    scalar,
    sets,
    fc.array(tie('value'), { maxLength: 3 }).map((L) => ({ L })),
    fc.array(fc.tuple(name, tie('value')), { maxLength: 3 }).map((fields) => ({ M: Object.fromEntries(fields) })),
  ),
})).value;
