import {
  ConversionError,
  dynamicType,
  type PortableDocument,
  type PortableRange,
  type PortableType,
  type PortableValue,
  scalarText,
  Tagged,
} from '@polyshift/core';
import { decimalLiteral, floatLiteral } from './json-number.ts';
import { typeName } from './type-name.ts';

/** The member that says the type of a value which JSON alone does not say: `{"$type":"uuid","$value":"..."}`. */
export const typeMember = '$type';

/** A value of a known type as JSON text, so that {@link fromJson} with the same type gives it back exactly. Throws ConversionError. */
export function toJson(type: PortableType, value: PortableValue): string {
  if (value === null || value === undefined) return 'null';
  if (value instanceof Tagged) return type.kind === 'dynamic' ? dynamicJson(value) : toJson(type, value.value);
  switch (type.kind) {
    case 'dynamic':
      return dynamicJson(value);
    case 'boolean':
    case 'int16':
    case 'int32':
    case 'int64':
      return String(value);
    case 'float32':
    case 'float64':
      return Object.is(value, -0) ? '-0' : Number.isFinite(value) ? String(value) : `"${value}"`;
    case 'bytes':
      return JSON.stringify(Buffer.from(value as Uint8Array).toString('base64'));
    case 'json':
      return embedded(value as string);
    case 'array':
      return `[${(value as PortableValue[]).map((each) => toJson(elementType(type, each), each)).join(',')}]`;
    case 'range': {
      const { empty, lower, upper, lower_inclusive, upper_inclusive } = value as PortableRange;
      if (empty) return '{"empty":true}';
      return `{"lower":${toJson(type.of, lower)},"upper":${toJson(type.of, upper)},"lower_inclusive":${lower_inclusive},"upper_inclusive":${upper_inclusive}}`;
    }
    case 'document':
      return documentJson(value as PortableDocument);
    default:
      return JSON.stringify(scalarText(type, value));
  }
}

/** The type of an element: that of the array again where it is a further dimension. */
export function elementType(type: PortableType & { kind: 'array' }, element: unknown): PortableType {
  return Array.isArray(element) && type.of.kind !== 'array' && type.of.kind !== 'dynamic' ? type : type.of;
}

/** JSON text stands in JSON as it is, to the letter; unless it would read as a null, or as something of polyshift's. */
function embedded(text: string): string {
  const plain = text.trim() === text && text !== 'null' && !/^\{\s*"\$type"/.test(text);
  if (!plain) return tagged({ kind: 'json' }, JSON.stringify(text));
  try {
    JSON.parse(text);
  } catch (error) {
    throw new ConversionError(`not JSON: ${(error as Error).message}`);
  }
  return text;
}

function dynamicJson(value: PortableValue): string {
  const type = dynamicType(value);
  if (type === undefined) return 'null';
  const bare = value instanceof Tagged ? value.value : value;
  switch (type.kind) {
    case 'boolean':
    case 'int16':
    case 'int32':
    case 'int64':
    case 'text':
    case 'enum':
      return toJson(type, bare);
    case 'float64':
      return floatLiteral(bare as number) ?? tagged(type, toJson(type, bare));
    case 'json':
      return tagged(type, JSON.stringify(bare));
    case 'decimal':
      return decimalLiteral(bare as string) ?? tagged(type, toJson(type, bare));
    case 'array':
      return type.of.kind === 'dynamic' ? toJson(type, bare) : tagged(type, toJson(type, bare));
    case 'document': {
      const json = documentJson(bare as PortableDocument);
      return json.startsWith(`{"${typeMember}"`) ? tagged(type, json) : json;
    }
    default:
      return tagged(type, toJson(type, bare));
  }
}

function tagged(type: PortableType, json: string): string {
  return `{"${typeMember}":${JSON.stringify(typeName(type))},"$value":${json}}`;
}

function documentJson(document: PortableDocument): string {
  return `{${[...document].map(([name, value]) => `${JSON.stringify(name)}:${dynamicJson(value)}`).join(',')}}`;
}
