import {
  ConversionError,
  castValue,
  compareDecimals,
  digitsOf,
  dynamicType,
  isNumeric,
  type PortableType,
  Tagged,
  typeText,
} from '@polyshift/core';
import type { JsonNode } from '../json/node.ts';
import type { FieldTypes } from '../mapping/field-types.ts';
import { decodeAt } from './decode.ts';
import { encodeValue } from './encode.ts';

/** A node of a field as one of another type, each element of an array by itself; null stays null. Throws ConversionError where it is not exact. */
export function convertNode(
  node: JsonNode,
  types: FieldTypes,
  path: string,
  target: PortableType,
  native: string | undefined,
): JsonNode {
  if (node === null) return null;
  if (Array.isArray(node) && target.kind !== 'array' && target.kind !== 'json') {
    return node.map((each) => convertNode(each, types, path, target, native));
  }
  const value = decodeAt(node, types, path);
  const from = dynamicType(value);
  if (!from) return null;
  const bare = value instanceof Tagged ? value.value : value;
  const converted = castValue(from, bare, target);
  // A number must be the same number afterwards: 2^60 + 1 is none of float64's.
  if (
    isNumeric(from.kind) &&
    isNumeric(target.kind) &&
    compareDecimals(digitsOf(from, bare), digitsOf(target, converted)) !== 0
  ) {
    throw new ConversionError(`${digitsOf(from, bare)} is another number as ${typeText(target)}`);
  }
  return encodeValue(
    target,
    converted,
    (loss, text) => {
      throw new ConversionError(`${text} cannot be held (${loss})`);
    },
    native,
  );
}
