import { ConversionError, dynamicType, type PortableType, type PortableValue, scalarText, Tagged } from '@polyshift/core';
import { toJson } from './to-json.ts';
import { typeName } from './type-name.ts';

/** The byte that a value of a hash begins with where it says its own type: NUL, the name of the type, a colon, the text. */
export const tagByte = 0;

/** What stands between the tag byte and the colon of a null. */
export const nullName = 'null';

/**
 * A value as the bytes of a hash's field: plain text (bytes as they are) where the field has its type from the definition, or is a text; else with a tag.
 * Throws ConversionError.
 *
 * @param declared the type of the field, which the bare value has; undefined where the definition does not name it
 * @param tags whether tags may be written: in collections with a definition. Without, every value is a plain text, and there is no null
 */
export function toHash(declared: PortableType | undefined, value: PortableValue, tags: boolean): Buffer {
  if (value === null || value === undefined) {
    if (!tags)
      throw new ConversionError(
        'a hash of an application has no null; unset the field instead, or give it a type by change_type first',
      );
    return tag(nullName, Buffer.alloc(0));
  }
  const own = dynamicType(value)!;
  const bare = value instanceof Tagged ? value.value : value;
  if (!tags) return content(declared ?? own, bare);
  if (declared && declared.kind !== 'dynamic') return untagged(content(declared, bare));
  if (own.kind === 'text') return untagged(content(own, bare));
  return tag(typeName(own), content(own, bare));
}

/** Bytes that would look like a tag get an empty one. */
function untagged(bytes: Buffer): Buffer {
  return bytes[0] === tagByte ? tag('', bytes) : bytes;
}

function tag(name: string, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tagByte]), Buffer.from(`${name}:`), bytes]);
}

function content(type: PortableType, bare: PortableValue): Buffer {
  if (type.kind === 'bytes') return Buffer.from(bare as Uint8Array);
  const text = type.kind === 'json' ? (bare as string) : (scalarText(type, bare) ?? toJson(type, bare));
  if (/[\ud800-\udfff]/.test(text) && Buffer.from(text).toString() !== text)
    throw new ConversionError(`the text holds half of a surrogate pair, which has no UTF-8 form`);
  return Buffer.from(text);
}
