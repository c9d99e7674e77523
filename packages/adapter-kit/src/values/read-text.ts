import { ConversionError, castValue, isTime, type PortableType, type PortableValue, Tagged } from '@polyshift/core';

/**
 * A text of an operation read as a value of the type that it is compared with, because JSON has no dates, uuids or bytes: `2024-02-29` beside a
 * timestamp is that day's midnight in UTC. Undefined where it does not read as one. Bytes are read from `\x` and hexadecimal digits. Numbers
 * and booleans are never read from texts: JSON has them.
 */
export function readText(text: string, type: PortableType): PortableValue | undefined {
  if (isTime(type.kind)) return read(text, { kind: 'timestamptz' });
  switch (type.kind) {
    case 'text':
    case 'enum':
      return text;
    case 'bytes':
      return text.startsWith('\\x') ? read(text, type) : undefined;
    case 'uuid':
    case 'object_id':
    case 'time':
    case 'interval':
    case 'network':
    case 'bits':
      return read(text, type);
    case 'time_tz':
    case 'native':
      return new Tagged(type, text);
    default:
      return undefined;
  }
}

function read(text: string, type: PortableType): PortableValue | undefined {
  try {
    const value = castValue({ kind: 'text' }, text, type);
    return value instanceof Uint8Array ? value : new Tagged(type, value);
  } catch (error) {
    if (error instanceof ConversionError) return undefined;
    throw error;
  }
}
