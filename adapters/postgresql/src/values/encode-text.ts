import { cannotConvert, type TypedValue, type ValueEncoder, valueText } from './conversion.ts';
import { plainDecimal } from './decimal-text.ts';
import { timeTzToServer } from './time-text.ts';

/** Texts: strings as they are, anything else in its portable text form, which loses nothing but the type. */
export function textEncoder(maximum: number | undefined, padded: boolean, target: string): ValueEncoder {
  return (source, lose) => {
    let text = textOf(source);
    if (text === undefined) throw cannotConvert(source, target);
    if (text.includes('\0')) throw cannotConvert(source, target, 'PostgreSQL has no place for a NUL character');
    if (!isWellFormed(text)) {
      const repaired = Buffer.from(text).toString();
      lose('lone_surrogate', JSON.stringify(text), repaired);
      text = repaired;
    }
    if (maximum === undefined) return text;
    const length = text.length <= maximum ? text.length : [...text].length;
    if (length > maximum) throw cannotConvert(source, target, `it has ${length} characters`);
    return padded ? text + ' '.repeat(maximum - [...text].length) : text;
  };
}

function textOf({ type, value }: TypedValue): string | undefined {
  switch (type.kind) {
    case 'bytes':
    case 'array':
    case 'range':
    case 'document':
    case 'dynamic':
      return undefined;
    case 'float32':
    case 'float64':
      return Object.is(value, -0) ? '-0' : plainDecimal(String(value));
    default:
      return String(value);
  }
}

function isWellFormed(text: string): boolean {
  return !/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text);
}

/** Booleans; numbers and texts only where they are plainly one. */
export const booleanEncoder: ValueEncoder = (source) => {
  const { type, value } = source;
  if (type.kind === 'boolean') return value ? 't' : 'f';
  if (/^int/.test(type.kind) && (Number(value) === 0 || Number(value) === 1)) return Number(value) === 1 ? 't' : 'f';
  if (type.kind === 'text' && /^(true|false|t|f)$/i.test(value as string)) return /^t/i.test(value as string) ? 't' : 'f';
  throw cannotConvert(source, 'boolean');
};

/** Byte strings; an ObjectId is its twelve bytes, a UUID its sixteen. */
export const bytesEncoder: ValueEncoder = (source) => {
  const { type, value } = source;
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`;
  if (type.kind === 'object_id') return `\\x${value as string}`;
  if (type.kind === 'uuid') return `\\x${(value as string).replace(/-/g, '')}`;
  throw cannotConvert(source, 'bytea');
};

/** UUIDs, also from texts and from sixteen bytes. */
export const uuidEncoder: ValueEncoder = (source) => {
  const { type, value } = source;
  if (value instanceof Uint8Array && value.length === 16) return dashed(Buffer.from(value).toString('hex'));
  if (typeof value === 'string' && (type.kind === 'uuid' || type.kind === 'text')) {
    const digits = value
      .trim()
      .replace(/^\{|\}$|-/g, '')
      .toLowerCase();
    if (/^[0-9a-f]{32}$/.test(digits)) return dashed(digits);
  }
  throw cannotConvert(source, 'uuid');
};

function dashed(digits: string): string {
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** Labels of an enum. */
export function enumEncoder(labels: readonly string[], target: string): ValueEncoder {
  const known = new Set(labels);
  return (source) => {
    if (typeof source.value === 'string' && known.has(source.value)) return source.value;
    throw cannotConvert(source, target, `it is none of ${labels.slice(0, 10).join(', ')}${labels.length > 10 ? ', ...' : ''}`);
  };
}

/** inet, cidr and hardware addresses: a host address is written without its mask, as the server prints it. */
export function networkEncoder(name: string): ValueEncoder {
  return (source) => {
    const { type, value } = source;
    if (typeof value !== 'string' || (type.kind !== 'network' && type.kind !== 'text')) throw cannotConvert(source, name);
    const text = value.trim().toLowerCase();
    if (name !== 'inet') return text;
    return text.replace(/^([\d.]+)\/32$/, '$1').replace(/^([0-9a-f:]*:[0-9a-f:.]*)\/128$/, '$1');
  };
}

/** Bit strings of the length that the column has, or up to it. */
export function bitsEncoder(length: number | undefined, varying: boolean): ValueEncoder {
  return (source) => {
    const text = source.value;
    if (typeof text !== 'string' || !/^[01]*$/.test(text)) throw cannotConvert(source, 'bit string');
    if (length !== undefined && (varying ? text.length > length : text.length !== length)) {
      throw cannotConvert(source, `bit string of ${length}`, `it has ${text.length} bits`);
    }
    return text;
  };
}

/** A type that only this store has: its own text, and anything that has one. */
export function nativeEncoder(target: string): ValueEncoder {
  return (source) => {
    const { type, value } = source;
    if (type.kind === 'time_tz') return timeTzToServer(value as string);
    if (typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
    throw cannotConvert(source, target, `it is ${valueText(value)}`);
  };
}
