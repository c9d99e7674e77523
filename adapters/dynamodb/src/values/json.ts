import type { JsonObject, JsonValue } from '@polyshift/core';
import { type AttributeValue, base64, sortedFields } from './attribute.ts';

/** A value as JSON in the form of the service's own protocol, exactly; bytes as base64, fields and members of sets in one order. */
export function attributeToJson(value: AttributeValue): JsonValue {
  if (value.S !== undefined) return { S: value.S };
  if (value.N !== undefined) return { N: value.N };
  if (value.B !== undefined) return { B: base64(value.B) };
  if (value.BOOL !== undefined) return { BOOL: value.BOOL };
  if (value.NULL !== undefined) return { NULL: true };
  if (value.L !== undefined) return { L: value.L.map(attributeToJson) };
  if (value.M !== undefined)
    return { M: Object.fromEntries(sortedFields(value.M).map(([name, inner]) => [name, attributeToJson(inner)])) };
  if (value.SS !== undefined) return { SS: [...value.SS].sort() };
  if (value.NS !== undefined) return { NS: [...value.NS].sort() };
  return { BS: value.BS!.map(base64).sort() };
}

/** The way back from {@link attributeToJson}. */
export function attributeFromJson(json: JsonValue): AttributeValue {
  const [[type, value]] = Object.entries(json as JsonObject) as [[string, JsonValue]];
  switch (type) {
    case 'B':
      return { B: bytes(value) };
    case 'BS':
      return { BS: (value as JsonValue[]).map(bytes) };
    case 'L':
      return { L: (value as JsonValue[]).map(attributeFromJson) };
    case 'M':
      return {
        M: Object.fromEntries(Object.entries(value as JsonObject).map(([name, inner]) => [name, attributeFromJson(inner)])),
      };
    default:
      return { [type]: value } as unknown as AttributeValue;
  }
}

function bytes(text: JsonValue): Uint8Array {
  return new Uint8Array(Buffer.from(String(text), 'base64'));
}
