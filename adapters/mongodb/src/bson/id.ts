import type { JsonValue } from '@polyshift/core';
import type { Decimal128 } from 'mongodb';
import { decimalText } from '../values/decimal.ts';
import { bsonType, type Element, findElement } from './element.ts';
import { exactValue } from './exact-value.ts';
import { fromJson, toJson, valueText } from './json.ts';

/** The _id of a raw document as a BSON value. Every stored document has one. */
export function idOf(document: Buffer): unknown {
  const element = findElement(document, '_id');
  return element ? exactValue(document, element.type, element.value) : undefined;
}

/**
 * A text that is the same for _ids that the server holds to be equal, as far as one client can tell: numbers of different types that
 * are the same number share it, as they share a place in the unique index.
 */
export function idKey(document: Buffer): string {
  return elementKey(document, findElement(document, '_id'));
}

/** The same for any field of a raw document. */
export function elementKey(document: Buffer, element: Element | undefined): string {
  if (!element) return 'missing';
  const { type, value, end } = element;
  if (type === bsonType.int) return `n${document.readInt32LE(value)}`;
  if (type === bsonType.long) return `n${document.readBigInt64LE(value)}`;
  if (type === bsonType.double) {
    const number = document.readDoubleLE(value);
    return Number.isInteger(number) ? `n${BigInt(number)}` : `d${number}`;
  }
  if (type === bsonType.decimal) {
    const text = decimalText(exactValue(document, type, value) as Decimal128);
    const whole = /^(-?\d+)(?:\.0*)?$/.exec(text);
    if (whole) return `n${BigInt(whole[1]!)}`;
    return Number.isNaN(Number(text)) ? 'dNaN' : `m${text.replace(/0+$/, '')}`;
  }
  return `${type}:${document.toString('latin1', value, end)}`;
}

/** An _id as plain JSON, for checkpoints and partitions. */
export function idToJson(id: unknown): JsonValue {
  return toJson(id);
}

/** The _id of {@link idToJson}. */
export function idFromJson(json: JsonValue): unknown {
  return fromJson(json);
}

/** _ids for people: the first few of them. */
export function idList(ids: readonly unknown[], most = 5): string {
  const shown = ids.slice(0, most).map(valueText).join(', ');
  return ids.length > most ? `${shown}, ...` : shown;
}
