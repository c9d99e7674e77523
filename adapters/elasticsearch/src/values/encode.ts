import {
  ConversionError,
  dynamicType,
  isInfinite,
  isTime,
  type PortableRange,
  type PortableType,
  type PortableValue,
  Tagged,
} from '@polyshift/core';
import { type JsonNode, JsonNumber } from '../json/node.ts';
import { JsonSyntaxError, parseJsonText } from '../json/parse.ts';
import { unsearched } from '../mapping/field-types.ts';
import type { NoteLoss } from './losses.ts';

/** Field types whose decimals are written as JSON numbers. */
const numericFields = new Set([
  'byte',
  'double',
  'float',
  'half_float',
  'integer',
  'long',
  'scaled_float',
  'short',
  'unsigned_long',
  unsearched,
]);

const dynamic: PortableType = { kind: 'dynamic' };

/**
 * A portable value as JSON. `native` is what {@link nativeForValues} says of the field that it goes into: a decimal is a text but for numeric fields. Throws ConversionError.
 */
export function encodeValue(type: PortableType, value: PortableValue, note: NoteLoss, native?: string): JsonNode {
  if (value === null || value === undefined) return null;
  if (value instanceof Tagged) return encodeValue(value.type, value.value, note, native);
  switch (type.kind) {
    case 'boolean':
      return value as boolean;
    case 'int16':
    case 'int32':
    case 'int64':
      return new JsonNumber(String(value));
    case 'float32':
    case 'float64':
      return floatNode(value as number, note);
    case 'decimal':
      return decimalNode(value as string, note, native);
    case 'bytes':
      return Buffer.from(value as Uint8Array).toString('base64');
    case 'date':
    case 'timestamp':
    case 'timestamptz':
      if (native !== 'keyword' && dateLoss(value as string))
        note(dateLoss(value as string)!, value as string, 'a text that is not searched');
      return value as string;
    case 'json':
      return jsonNode(value as string, note);
    case 'array':
      return (value as PortableValue[]).map((element) =>
        encodeValue(Array.isArray(element) && type.of.kind !== 'array' ? type : type.of, element, note, native),
      );
    case 'range':
      return rangeNode(type.of, value as PortableRange, note, native);
    case 'document':
      return new Map(
        [...(value as Map<string, PortableValue>)].map(([name, inner]) => [
          name,
          encodeValue(dynamic, inner, note, native === unsearched ? unsearched : undefined),
        ]),
      );
    case 'dynamic': {
      const own = dynamicType(value);
      if (own?.kind === 'bytes' && native !== 'binary') note('bytes_to_text', 'bytes', 'base64');
      return own === undefined ? null : encodeValue(own, value, note, native);
    }
    default:
      return value as string;
  }
}

/** What a date field does not hold of a date or timestamp. */
function dateLoss(text: string): 'infinite_date' | 'date_out_of_range' | undefined {
  if (isInfinite(text)) return 'infinite_date';
  return /^-?\d{4}-/.test(text) ? undefined : 'date_out_of_range';
}

/** A float always shows that it is one: 1 is written as 1.0. */
function floatNode(value: number, note: NoteLoss): JsonNode {
  if (!Number.isFinite(value)) {
    note('not_finite', String(value), 'null');
    return null;
  }
  const text = Object.is(value, -0) ? '-0' : String(value);
  return new JsonNumber(/^-?\d+$/.test(text) ? `${text}.0` : text);
}

function decimalNode(value: string, note: NoteLoss, native: string | undefined): JsonNode {
  if (native === undefined || !numericFields.has(native)) return value;
  if (/^-?\d+(?:\.\d+)?$/.test(value)) return new JsonNumber(value);
  note('not_finite', value, 'null');
  return null;
}

function jsonNode(text: string, note: NoteLoss): JsonNode {
  let node: JsonNode;
  try {
    node = parseJsonText(text);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw new ConversionError(`not JSON: ${error.message}`);
  }
  if (node === null) note('json_null', 'null', 'null');
  else if (text.includes('"') && countFields(node) < countColons(text)) note('duplicate_json_keys', text, 'the last of each key');
  return node;
}

function countFields(node: JsonNode): number {
  if (Array.isArray(node)) return node.reduce((sum: number, each) => sum + countFields(each), 0);
  if (!(node instanceof Map)) return 0;
  let count = node.size;
  for (const inner of node.values()) count += countFields(inner);
  return count;
}

/** Colons outside of texts: as many as the fields that the text names. */
function countColons(text: string): number {
  return text.replace(/"(?:[^"\\]|\\.)*"/g, '').split(':').length - 1;
}

function rangeNode(of: PortableType, range: PortableRange, note: NoteLoss, native: string | undefined): JsonNode {
  if (native === undefined || !native.endsWith('_range')) return documentOfRange(of, range, note);
  if (range.empty) {
    note('empty_range', 'empty', 'null');
    return null;
  }
  const node = new Map<string, JsonNode>();
  const lower = boundNode(of, range.lower, note);
  const upper = boundNode(of, range.upper, note);
  if (lower !== null) node.set(range.lower_inclusive ? 'gte' : 'gt', lower);
  if (upper !== null) node.set(range.upper_inclusive ? 'lte' : 'lt', upper);
  return node;
}

/** A bound of a range field; one that the field cannot have is none. */
function boundNode(of: PortableType, bound: PortableValue, note: NoteLoss): JsonNode {
  const loss = isTime(of.kind) && bound !== null ? dateLoss(bound as string) : undefined;
  if (!loss) return encodeValue(of, bound, note);
  note(loss, bound as string, 'no bound');
  return null;
}

/** Where no range field can hold it: its parts. */
function documentOfRange(of: PortableType, range: PortableRange, note: NoteLoss): JsonNode {
  if (range.empty) return new Map([['empty', true]]);
  return new Map<string, JsonNode>([
    ['lower', encodeValue(of, range.lower, note)],
    ['upper', encodeValue(of, range.upper, note)],
    ['lower_inclusive', range.lower_inclusive],
    ['upper_inclusive', range.upper_inclusive],
  ]);
}
