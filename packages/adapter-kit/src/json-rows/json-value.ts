import {
  type JsonObject,
  type JsonValue,
  type PortableRange,
  type PortableType,
  type PortableValue,
  Tagged,
} from '@polyshift/core';

/** A dynamic value as JSON, exactly: what JSON has is itself, everything else an object of one property that says its type. */
export function valueToJson(value: PortableValue): JsonValue {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'bigint') return { int64: String(value) };
  if (typeof value === 'number') {
    if (Object.is(value, -0)) return { float64: '-0' };
    return Number.isFinite(value) ? value : { float64: String(value) };
  }
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('base64') };
  if (Array.isArray(value)) return value.map(valueToJson);
  if (value instanceof Map) return { document: [...value].map(([name, inner]) => [name, valueToJson(inner)]) };
  if (value instanceof Tagged) return { tagged: [{ ...value.type } as JsonObject, valueToJson(value.value)] };
  return { range: { ...value, lower: valueToJson(value.lower), upper: valueToJson(value.upper) } };
}

/** The way back from {@link valueToJson}. */
export function valueFromJson(json: JsonValue): PortableValue {
  if (json === null || typeof json !== 'object') return json;
  if (Array.isArray(json)) return json.map(valueFromJson);
  if ('int64' in json) return BigInt(json['int64'] as string);
  if ('float64' in json) return Number(json['float64']);
  if ('bytes' in json) return new Uint8Array(Buffer.from(json['bytes'] as string, 'base64'));
  if ('document' in json)
    return new Map((json['document'] as [string, JsonValue][]).map(([name, inner]) => [name, valueFromJson(inner)]));
  if ('tagged' in json) {
    const [type, inner] = json['tagged'] as [JsonValue, JsonValue];
    return new Tagged(type as unknown as PortableType, valueFromJson(inner));
  }
  const range = json['range'] as unknown as PortableRange;
  return { ...range, lower: valueFromJson(range.lower as JsonValue), upper: valueFromJson(range.upper as JsonValue) };
}
