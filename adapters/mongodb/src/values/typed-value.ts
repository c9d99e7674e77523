import {
  type JsonValue,
  PolyshiftError,
  type PortableType,
  type PortableValue,
  portableTypeOf,
  type TypeReference,
  typeText,
} from '@polyshift/core';
import { jsonToBson } from './json-value.ts';
import { encoderOf } from './to-bson.ts';

/** BSON types by alias as portable types. */
const aliases: Readonly<Record<string, PortableType>> = {
  int: { kind: 'int32' },
  long: { kind: 'int64' },
  double: { kind: 'float64' },
  decimal: { kind: 'decimal' },
  string: { kind: 'text' },
  bool: { kind: 'boolean' },
  date: { kind: 'timestamptz' },
  objectId: { kind: 'object_id' },
};

/** A JSON value of an operation as a BSON value of the type asked for; without a type, of the type that JSON shows. */
export function typedValue(value: JsonValue, reference: TypeReference | undefined): unknown {
  if (value === null || reference === undefined) return jsonToBson(value);
  const type = portableTypeOf(reference) ?? aliases[reference as string];
  if (!type)
    throw new PolyshiftError('INVALID_DOCUMENT', `MongoDB has no type ${JSON.stringify(reference)}`, {
      place: { path: 'data.type' },
    });
  const portable = portableOf(value, type);
  if (portable === undefined) return jsonToBson(value);
  try {
    return encoderOf(type)(portable, (loss, from, to) => {
      throw new PolyshiftError('LOSS_REFUSED', `default_value: ${from} would become ${to} (${loss})`);
    });
  } catch (cause) {
    if (cause instanceof PolyshiftError) throw cause;
    throw new PolyshiftError('CONVERSION_FAILED', `${JSON.stringify(value)} is no ${typeText(type)}`, {
      cause,
      place: { path: 'data.default_value' },
    });
  }
}

/** The portable form of a JSON value for a type; undefined where JSON's own type is the type. */
function portableOf(value: JsonValue, type: PortableType): PortableValue | undefined {
  const wrong = (): PolyshiftError =>
    new PolyshiftError('CONVERSION_FAILED', `${JSON.stringify(value)} is no ${typeText(type)}`, {
      place: { path: 'data.default_value' },
    });
  switch (type.kind) {
    case 'int16':
    case 'int32':
    case 'int64': {
      if (!(typeof value === 'number' || typeof value === 'string') || !/^-?\d+$/.test(String(value))) throw wrong();
      const integer = BigInt(value);
      if (type.kind === 'int64') return integer;
      if (BigInt.asIntN(32, integer) !== integer) throw wrong();
      return Number(integer);
    }
    case 'float32':
    case 'float64':
      if (typeof value !== 'number') throw wrong();
      return value;
    case 'decimal':
    case 'uuid':
    case 'date':
    case 'timestamp':
    case 'timestamptz':
    case 'object_id':
    case 'interval':
    case 'time':
    case 'time_tz':
    case 'network':
    case 'bits':
    case 'enum':
    case 'text':
      // Extended JSON names its type itself.
      if (typeof value === 'object') return undefined;
      if (typeof value === 'boolean' || (typeof value === 'number' && type.kind !== 'decimal')) throw wrong();
      return String(value);
    case 'boolean':
      if (typeof value !== 'boolean') throw wrong();
      return value;
    default:
      return undefined;
  }
}
