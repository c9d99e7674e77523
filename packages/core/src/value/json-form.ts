import type { JsonValue } from './json.ts';
import type { PortableType } from './portable-type.ts';
import { dynamicType, type PortableRange, type PortableValue, Tagged } from './portable-value.ts';
import { textOf } from './value-text.ts';

/**
 * A value as JSON, for dead letters, examples and the text of documents: numbers that JSON can hold exactly are numbers, all other
 * scalars are texts.
 */
export function jsonOf(type: PortableType, value: PortableValue): JsonValue {
  if (value === null || value === undefined) return null;
  if (value instanceof Tagged) return jsonOf(value.type, value.value);
  switch (type.kind) {
    case 'boolean':
      return value as boolean;
    case 'int16':
    case 'int32':
    case 'float32':
    case 'float64':
      return Number.isFinite(value as number) ? (value as number) : String(value);
    case 'int64': {
      const number = Number(value);
      return Number.isSafeInteger(number) ? number : String(value);
    }
    case 'json':
      return JSON.parse(value as string) as JsonValue;
    case 'array':
      return (value as PortableValue[]).map((element) =>
        jsonOf(Array.isArray(element) && type.of.kind !== 'array' ? type : type.of, element),
      );
    case 'range': {
      const range = value as PortableRange;
      if (range.empty) return { empty: true };
      return {
        lower: jsonOf(type.of, range.lower),
        upper: jsonOf(type.of, range.upper),
        lower_inclusive: range.lower_inclusive,
        upper_inclusive: range.upper_inclusive,
      };
    }
    case 'document': {
      const document: [string, JsonValue][] = [];
      for (const [name, inner] of value as Map<string, PortableValue>) document.push([name, jsonOf({ kind: 'dynamic' }, inner)]);
      return Object.fromEntries(document);
    }
    case 'dynamic': {
      const own = dynamicType(value);
      return own === undefined ? null : jsonOf(own, value);
    }
    default:
      return textOf(type, value);
  }
}
