import { isInt32, type PortableDocument, type PortableType, type PortableValue, Tagged } from '@polyshift/core';
import { type AttributeValue, type Item, sortedFields } from './attribute.ts';
import { numberText } from './number.ts';

/** The types of sets: a list is an array without a tag, so that a set comes back as a set. */
export const setTypes = {
  SS: { kind: 'array', of: { kind: 'text' } },
  NS: { kind: 'array', of: { kind: 'decimal' } },
  BS: { kind: 'array', of: { kind: 'bytes' } },
} as const satisfies Record<string, PortableType>;

/**
 * A value as a dynamic portable one, exactly: a number is an int32, an int64 or a decimal by its digits; a map is a document with its
 * fields by name; a set is an array tagged with its type, in one order.
 */
export function portableValue(value: AttributeValue): PortableValue {
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return portableNumber(value.N);
  if (value.B !== undefined) return value.B;
  if (value.BOOL !== undefined) return value.BOOL;
  if (value.NULL !== undefined) return null;
  if (value.L !== undefined) return value.L.map(portableValue);
  if (value.M !== undefined) return portableDocument(value.M);
  if (value.SS !== undefined) return new Tagged(setTypes.SS, [...value.SS].sort());
  if (value.NS !== undefined) return new Tagged(setTypes.NS, value.NS.map(numberText).sort());
  return new Tagged(
    setTypes.BS,
    [...value.BS!].sort((left, right) => Buffer.compare(left, right)),
  );
}

/** An item as a document, its fields by name. */
export function portableDocument(item: Item): PortableDocument {
  return new Map(sortedFields(item).map(([name, value]) => [name, portableValue(value)]));
}

/** A value as a bare one of the type of its column; dynamic where it is of another type, because a type is taken from samples. */
export function valueOfType(type: PortableType, value: AttributeValue): PortableValue {
  const dynamic = portableValue(value);
  if (type.kind === 'int64') return typeof dynamic === 'number' ? BigInt(dynamic) : dynamic;
  if (type.kind === 'decimal') return value.N === undefined ? dynamic : numberText(value.N);
  return type.kind === 'array' && dynamic instanceof Tagged ? dynamic.value : dynamic;
}

/** The type that a value has by itself; undefined for null. */
export function typeOfAttribute(value: AttributeValue): PortableType | undefined {
  if (value.N !== undefined) {
    const number = portableNumber(value.N);
    return typeof number === 'number' || typeof number === 'bigint' ? { kind: 'int64' } : { kind: 'decimal' };
  }
  if (value.S !== undefined) return { kind: 'text' };
  if (value.B !== undefined) return { kind: 'bytes' };
  if (value.BOOL !== undefined) return { kind: 'boolean' };
  if (value.NULL !== undefined) return undefined;
  if (value.M !== undefined) return { kind: 'document' };
  if (value.SS !== undefined) return setTypes.SS;
  if (value.NS !== undefined) return setTypes.NS;
  if (value.BS !== undefined) return setTypes.BS;
  return { kind: 'array', of: { kind: 'dynamic' } };
}

function portableNumber(text: string): PortableValue {
  const digits = numberText(text);
  if (digits.length <= 20 && !digits.includes('.')) {
    const number = Number(digits);
    if (isInt32(number)) return number;
    const integer = BigInt(digits);
    if (BigInt.asIntN(64, integer) === integer) return integer;
  }
  return new Tagged({ kind: 'decimal' }, digits);
}
