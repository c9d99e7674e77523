import {
  ConversionError,
  castValue,
  dynamicOfPlain,
  type JsonObject,
  type JsonValue,
  PolyshiftError,
  type PortableType,
  type PortableValue,
  toDynamic,
} from '@polyshift/core';

/** How a value is written where JSON has no form of its own: an object with this one key, as in MongoDB's Extended JSON. */
const extended: Readonly<Record<string, PortableType>> = {
  $numberInt: { kind: 'int32' },
  $numberLong: { kind: 'int64' },
  $numberDouble: { kind: 'float64' },
  $numberDecimal: { kind: 'decimal' },
  $date: { kind: 'timestamptz' },
  $oid: { kind: 'object_id' },
  $uuid: { kind: 'uuid' },
};

/**
 * A JSON value of an operation as a dynamic value: whole numbers are int32 or int64, others float64; `{ $numberDecimal: '0.10' }` and its like are the
 * value that they name. Throws INVALID_DOCUMENT for one that does not read as its type.
 */
export function literalValue(json: JsonValue): PortableValue {
  if (json === null || typeof json !== 'object') return dynamicOfPlain(json);
  if (Array.isArray(json)) return json.map(literalValue);
  return extendedValue(json) ?? new Map(Object.entries(json).map(([name, value]) => [name, literalValue(value)]));
}

/** The value that an object of extended JSON names; undefined for any other object. Throws INVALID_DOCUMENT. */
export function extendedValue(json: JsonObject): PortableValue | undefined {
  const [name, ...others] = Object.keys(json);
  if (name === undefined || others.length > 0 || !Object.hasOwn(extended, name)) return undefined;
  const type = extended[name]!;
  const value = json[name]!;
  if (typeof value === 'object' && value !== null) return undefined;
  try {
    // A date may also be given in milliseconds.
    const text = type.kind === 'timestamptz' && typeof value === 'number' ? new Date(value).toISOString() : String(value);
    return toDynamic(type, castValue({ kind: 'text' }, text, type));
  } catch (error) {
    if (!(error instanceof ConversionError) && !(error instanceof RangeError)) throw error;
    throw new PolyshiftError('INVALID_DOCUMENT', `${JSON.stringify(json)} is no value: ${error.message}`, { cause: error });
  }
}
