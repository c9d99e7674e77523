import { ConversionError, type PortableType, type PortableValue, toDynamic } from '@polyshift/core';
import { fromJson } from './from-json.ts';
import { parseNodes } from './json-node.ts';
import { readScalar } from './read-text.ts';
import { nullName, tagByte } from './to-hash.ts';
import { typeNamed } from './type-name.ts';

/**
 * The dynamic value of a hash's field. What an application has written in another form than the declared type has comes back as text, or as bytes
 * where it is no UTF-8.
 *
 * @param declared the type of the field; undefined where the definition does not name it
 * @param tags whether tags are read: in collections with a definition
 */
export function fromHash(declared: PortableType | undefined, bytes: Buffer, tags: boolean): PortableValue {
  if (tags && bytes[0] === tagByte) {
    const tagged = fromTagged(declared, bytes);
    if (tagged !== undefined) return tagged;
  }
  return (declared && fromContent(declared, bytes)) ?? textOrBytes(bytes);
}

function fromTagged(declared: PortableType | undefined, bytes: Buffer): PortableValue | undefined {
  const colon = colonOf(bytes);
  if (colon === -1) return undefined;
  const name = bytes.toString('utf8', 1, colon);
  if (name === nullName) return null;
  const content = bytes.subarray(colon + 1);
  if (name === '') return (declared && fromContent(declared, content)) ?? textOrBytes(content);
  const type = typeNamed(name);
  return type && fromContent(type, content);
}

/** Where the name of a tag ends: types with parameters are JSON, which has colons of its own. */
function colonOf(bytes: Buffer): number {
  if (bytes[1] !== 0x7b) return bytes.indexOf(0x3a, 1);
  for (let close = bytes.indexOf('}:'); close !== -1; close = bytes.indexOf('}:', close + 1)) {
    if (typeNamed(bytes.toString('utf8', 1, close + 1))) return close + 1;
  }
  return -1;
}

function fromContent(type: PortableType, bytes: Buffer): PortableValue | undefined {
  switch (type.kind) {
    case 'dynamic':
      return undefined;
    case 'bytes':
      return bytes;
    case 'json':
      return toDynamic(type, bytes.toString());
    case 'array':
    case 'range':
    case 'document':
      return structured(type, bytes.toString());
    default: {
      const text = bytes.toString();
      const value = readScalar(type, text);
      if (value === undefined || (text.includes('\ufffd') && !Buffer.from(text).equals(bytes))) return undefined;
      return toDynamic(type, value);
    }
  }
}

function structured(type: PortableType, text: string): PortableValue | undefined {
  try {
    return fromJson(type, text, parseNodes(text));
  } catch (error) {
    if (error instanceof ConversionError) return undefined;
    throw error;
  }
}

function textOrBytes(bytes: Buffer): PortableValue {
  const text = bytes.toString();
  return text.includes('\ufffd') && !Buffer.from(text).equals(bytes) ? bytes : text;
}
