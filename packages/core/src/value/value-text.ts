import type { PortableType } from './portable-type.ts';
import { dynamicType, type PortableValue, Tagged } from './portable-value.ts';

/**
 * The text of a scalar, as `concatenate` and `cast` to text write it: digits of numbers, `true` and `false`, ISO 8601 for dates and
 * times, hexadecimal digits for bytes; null for a type that has no text of one line (documents, arrays, ranges: see jsonOf).
 */
export function scalarText(type: PortableType, value: PortableValue): string | null {
  switch (type.kind) {
    case 'bytes':
      return Buffer.from(value as Uint8Array).toString('hex');
    case 'array':
    case 'range':
    case 'document':
      return null;
    case 'dynamic': {
      const own = dynamicType(value);
      return own === undefined ? null : scalarText(own, value instanceof Tagged ? value.value : value);
    }
    case 'float32':
    case 'float64':
      return Object.is(value, -0) ? '-0' : String(value);
    default:
      return typeof value === 'string' ? value : String(value);
  }
}

/** The text of a scalar; for other types an empty text, which callers exclude. */
export function textOf(type: PortableType, value: PortableValue): string {
  return scalarText(type, value) ?? '';
}
