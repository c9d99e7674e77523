import {
  digitsOf,
  dynamicType,
  PolyshiftError,
  type PortableDocument,
  type PortableRange,
  type PortableType,
  type PortableValue,
  Tagged,
  typeText,
} from '@polyshift/core';
import type { AttributeValue, Item } from './attribute.ts';
import { setTypes } from './from-attribute.ts';
import { jsonAttribute } from './json-text.ts';
import type { NoteLoss } from './losses.ts';
import { numberAttribute } from './number-attribute.ts';
import { isSorted } from './order.ts';

/** Turns a value that is not null into the store's form. */
export type Encoder = (value: PortableValue, note: NoteLoss) => AttributeValue;

const text: Encoder = (value) => ({ S: String(value) });

/** What encodes the values of one type. Throws CONVERSION_FAILED for a value that is not of the type. */
export function encoderOf(type: PortableType): Encoder {
  switch (type.kind) {
    case 'boolean':
      return (value) => ({ BOOL: Boolean(value) });
    case 'int16':
    case 'int32':
    case 'int64':
      return (value) => ({ N: String(value) });
    case 'float32':
    case 'float64':
      return (value, note) => numberAttribute(Object.is(value, -0) ? '-0' : digitsOf(type, value), note);
    case 'decimal':
      return (value, note) => numberAttribute(String(value), note);
    case 'bytes':
      return (value) => ({ B: value as Uint8Array });
    case 'json':
      return encodeJson;
    case 'array':
      return arrayEncoder(type.of);
    case 'range':
      return rangeEncoder(type.of);
    case 'document':
      return encodeDocument;
    case 'dynamic':
      return encodeDynamic;
    default:
      return text;
  }
}

/** A dynamic value, null included. */
export function dynamicAttribute(value: PortableValue, note: NoteLoss): AttributeValue {
  return value === null ? { NULL: true } : encodeDynamic(value, note);
}

/** The fields of a document as an item; the order of an item's own attributes means nothing, so it is no loss. */
export function itemOf(document: PortableDocument, note: (field: string) => NoteLoss): Item {
  return Object.fromEntries([...document].map(([name, value]) => [name, dynamicAttribute(value, note(name))]));
}

function encodeDynamic(value: PortableValue, note: NoteLoss): AttributeValue {
  const type = dynamicType(value)!;
  // A set that was read from DynamoDB: the only arrays that are tagged.
  if (value instanceof Tagged && value.type.kind === 'array') return setAttribute(value, note);
  return encoderOf(type)(value instanceof Tagged ? value.value : value, note);
}

/** An array that says of itself that it was a set is one again, while it can be: not empty, all of one type, none twice. */
function setAttribute({ type, value }: Tagged, note: NoteLoss): AttributeValue {
  const of = (type as { of: PortableType }).of;
  const list = arrayEncoder(of)(value, note);
  const members = list.L!;
  const name = (Object.keys(setTypes) as (keyof typeof setTypes)[]).find((set) => setTypes[set].of.kind === of.kind);
  if (name === undefined || members.length === 0) return list;
  const scalars = members.map((member) => member[name[0] as 'S']);
  const distinct = new Set(scalars.map((each) => (typeof each === 'object' ? Buffer.from(each).toString('hex') : each)));
  if (scalars.includes(undefined as never) || distinct.size < scalars.length) return list;
  return { [name]: scalars } as unknown as AttributeValue;
}

function arrayEncoder(of: PortableType): Encoder {
  const encodeElement = encoderOf(of);
  const encodeList: Encoder = (value, note) => {
    // An array that the source could give as its own text alone: one whose indexes do not begin at 1.
    if (value instanceof Tagged && typeof value.value === 'string') {
      note('array_bounds', value.value, value.value);
      return { S: value.value };
    }
    if (!Array.isArray(value)) throw wrong(value, { kind: 'array', of });
    return {
      L: value.map((element) => {
        if (element === null) return { NULL: true };
        if (Array.isArray(element) && of.kind !== 'array' && of.kind !== 'dynamic') return encodeList(element, note);
        return encodeElement(element, note);
      }),
    };
  };
  return encodeList;
}

function rangeEncoder(of: PortableType): Encoder {
  const encodeBound = encoderOf(of);
  return (value, note) => {
    const range = value as PortableRange;
    if (range.empty) return { M: { empty: { BOOL: true } } };
    const bound = (each: PortableValue): AttributeValue => (each === null ? { NULL: true } : encodeBound(each, note));
    return {
      M: {
        lower: bound(range.lower),
        upper: bound(range.upper),
        lower_inclusive: { BOOL: range.lower_inclusive },
        upper_inclusive: { BOOL: range.upper_inclusive },
      },
    };
  };
}

function encodeDocument(value: PortableValue, note: NoteLoss): AttributeValue {
  if (!(value instanceof Map)) throw wrong(value, { kind: 'document' });
  const names = [...value.keys()];
  if (!isSorted(names)) note('field_order', names.join(', '), [...names].sort().join(', '));
  return { M: itemOf(value, () => note) };
}

function encodeJson(value: PortableValue, note: NoteLoss): AttributeValue {
  try {
    return jsonAttribute(String(value), note);
  } catch (cause) {
    throw new PolyshiftError('CONVERSION_FAILED', `not valid JSON text: ${(cause as Error).message}`, { cause });
  }
}

function wrong(value: PortableValue, type: PortableType): PolyshiftError {
  return new PolyshiftError('CONVERSION_FAILED', `${String(value)} is no ${typeText(type)}`);
}
