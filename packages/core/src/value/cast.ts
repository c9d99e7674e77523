import { ConversionError, shortened } from './conversion-error.ts';
import { compareDecimals, decimalText, isFiniteDecimal, parseDecimal, roundDecimal } from './decimal.ts';
import { dateText, isInfinite, parseTimestamp, timestampText, timeText } from './instant.ts';
import { jsonOf } from './json-form.ts';
import { dynamicOfPlain } from './plain-value.ts';
import { type PortableType, type TypeKind, typeText } from './portable-type.ts';
import { dynamicType, isInt32, type PortableValue, Tagged, toDynamic } from './portable-value.ts';
import { scalarText } from './value-text.ts';

type Conversion = (type: PortableType, value: PortableValue, target: PortableType) => PortableValue;

const trueWords = new Set(['t', 'true', 'y', 'yes', 'on', '1']);
const falseWords = new Set(['f', 'false', 'n', 'no', 'off', '0']);
const integerRanges = {
  int16: [-(2n ** 15n), 2n ** 15n],
  int32: [-(2n ** 31n), 2n ** 31n],
  int64: [-(2n ** 63n), 2n ** 63n],
} as const;

const conversions: { readonly [Kind in TypeKind]?: Conversion } = {
  boolean: (type, value) => {
    if (isNumeric(type.kind)) return compareDecimals(digitsOf(type, value), '0') !== 0;
    const word = inText(type, value, 'boolean').trim().toLowerCase();
    if (trueWords.has(word)) return true;
    if (falseWords.has(word)) return false;
    throw refused(type, value, 'boolean');
  },
  int16: integer('int16'),
  int32: integer('int32'),
  int64: integer('int64'),
  float32: (type, value) => Math.fround(toFloat(type, value)),
  float64: (type, value) => toFloat(type, value),
  decimal: (type, value, target) => {
    const digits = digitsOf(type, value);
    if (target.kind !== 'decimal' || target.precision === undefined || !isFiniteDecimal(digits)) return digits;
    const rounded = roundDecimal(digits, target.scale ?? 0);
    if (rounded.replace(/^-?0*|\./g, '').length > target.precision) throw refused(type, value, typeText(target));
    return rounded;
  },
  text: (type, value, target) => {
    const text = type.kind === 'json' ? (value as string) : (scalarText(type, value) ?? JSON.stringify(jsonOf(type, value)));
    if (target.kind === 'text' && target.max_length !== undefined && [...text].length > target.max_length) {
      throw new ConversionError(`"${shortened(text)}" is longer than ${target.max_length} characters`);
    }
    return text;
  },
  uuid: (type, value) => {
    const digits = inText(type, value, 'uuid').toLowerCase().replace(/[{}-]/g, '');
    if (!/^[0-9a-f]{32}$/.test(digits)) throw refused(type, value, 'uuid');
    return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  },
  bytes: (type, value) => {
    const digits = inText(type, value, 'bytes').replace(/^\\x/, '');
    if (!/^(?:[0-9a-fA-F]{2})*$/.test(digits)) throw refused(type, value, 'bytes (hexadecimal digits)');
    return Uint8Array.from(Buffer.from(digits, 'hex'));
  },
  date: (type, value) => overTime(type, value, (micros) => dateText(micros)),
  time: (type, value) => {
    const text = inText(type, value, 'time');
    if (isTime(type.kind) && isInfinite(text)) throw refused(type, value, 'time');
    return timeText(parseTimestamp(/^\d\d:/.test(text) ? `1970-01-01T${text}` : text).micros);
  },
  timestamp: (type, value) => overTime(type, value, (micros) => timestampText(micros, '')),
  timestamptz: (type, value) => overTime(type, value, (micros) => timestampText(micros, 'Z')),
  interval: matching(
    'interval',
    /^-?P(?=.)(-?[\d.]+Y)?(-?[\d.]+M)?(-?[\d.]+W)?(-?[\d.]+D)?(T(?=.)(-?[\d.]+H)?(-?[\d.]+M)?(-?[\d.]+S)?)?$/,
  ),
  json: (type, value) => {
    if (type.kind !== 'text') return JSON.stringify(jsonOf(type, value));
    parseJson(value as string);
    return value;
  },
  enum: (type, value, target) => {
    const text = inText(type, value, 'enum');
    if (target.kind === 'enum' && !target.values.includes(text)) throw refused(type, value, typeText(target));
    return text;
  },
  network: matching('network', /^[0-9a-fA-F:.]+(\/\d{1,3})?$/),
  bits: matching('bits', /^[01]*$/),
  object_id: (type, value) => (matching('object_id', /^[0-9a-fA-F]{24}$/)(type, value, type) as string).toLowerCase(),
  array: (type, value, target) => {
    const of = target.kind === 'array' ? target.of : ({ kind: 'dynamic' } as const);
    const elements = type.kind === 'array' ? (value as PortableValue[]) : dynamicOfPlain(parsedJson(type, value, 'array'));
    if (!Array.isArray(elements)) throw refused(type, value, 'array');
    const from: PortableType = type.kind === 'array' ? type.of : { kind: 'dynamic' };
    return elements.map((element) => castValue(from, element, of));
  },
  document: (type, value) => {
    const document = type.kind === 'array' ? value : dynamicOfPlain(parsedJson(type, value, 'document'));
    if (!(document instanceof Map)) throw refused(type, value, 'document');
    return document;
  },
  dynamic: (type, value) => toDynamic(type, value),
};

/** The kinds that a value can be cast to. */
export const castTargets: readonly TypeKind[] = Object.keys(conversions) as TypeKind[];

/**
 * Converts a value to another type. Exact, or as the target's own precision says (decimal(12,2) rounds); a number that is no integer is not
 * cut to one. Date and time without a zone is UTC. Throws ConversionError.
 */
export function castValue(type: PortableType, value: PortableValue, target: PortableType): PortableValue {
  if (value === null || value === undefined) return null;
  if (type.kind === 'dynamic' || value instanceof Tagged) {
    const own = dynamicType(value);
    return own === undefined
      ? null
      : target.kind === 'dynamic'
        ? value
        : castValue(own, value instanceof Tagged ? value.value : value, target);
  }
  const sameKind = type.kind === target.kind && !['decimal', 'text', 'array', 'enum'].includes(type.kind);
  if (sameKind) return value;
  const conversion = conversions[target.kind];
  if (!conversion) throw refused(type, value, typeText(target));
  return conversion(type, value, target);
}

/** Whether a kind is a number. */
export function isNumeric(kind: TypeKind): boolean {
  return isInteger(kind) || kind === 'float32' || kind === 'float64' || kind === 'decimal';
}

/** Whether a kind is an integer. */
export function isInteger(kind: TypeKind): boolean {
  return kind === 'int16' || kind === 'int32' || kind === 'int64';
}

/** Whether a kind is a date or a timestamp. */
export function isTime(kind: TypeKind): boolean {
  return kind === 'date' || kind === 'timestamp' || kind === 'timestamptz';
}

/** The digits of a number, a boolean (0, 1) or a text of digits, as a portable decimal. */
export function digitsOf(type: PortableType, value: PortableValue): string {
  switch (type.kind) {
    case 'boolean':
      return value ? '1' : '0';
    case 'decimal':
      return value as string;
    case 'float32':
    case 'float64':
      return Number.isFinite(value as number) ? decimalText(parseDecimal(String(value))) : String(value);
    case 'int16':
    case 'int32':
    case 'int64':
      return String(value);
    case 'json':
    case 'text':
    case 'enum': {
      const text = (value as string).trim();
      return isFiniteDecimal(text) ? decimalText(parseDecimal(text)) : text;
    }
    default:
      throw refused(type, value, 'number');
  }
}

function integer(kind: 'int16' | 'int32' | 'int64'): Conversion {
  const [from, below] = integerRanges[kind];
  return (type, value) => {
    const digits = digitsOf(type, value);
    if (!isFiniteDecimal(digits)) throw refused(type, value, kind);
    const decimal = parseDecimal(digits);
    const unit = 10n ** BigInt(decimal.scale);
    if (decimal.unscaled % unit !== 0n) throw new ConversionError(`${digits} is not an integer; round it first`);
    const whole = decimal.unscaled / unit;
    if (whole < from || whole >= below) throw new ConversionError(`${digits} is beyond the range of ${kind}`);
    return kind === 'int64' ? whole : Number(whole);
  };
}

function toFloat(type: PortableType, value: PortableValue): number {
  return typeof value === 'number' && isNumeric(type.kind) ? value : Number(digitsOf(type, value));
}

function overTime(type: PortableType, value: PortableValue, form: (micros: bigint) => string): string {
  const text = inText(type, value, 'date or timestamp');
  return isInfinite(text) ? text : form(parseTimestamp(text).micros);
}

function matching(target: string, pattern: RegExp): Conversion {
  return (type, value) => {
    const text = inText(type, value, target);
    if (!pattern.test(text)) throw refused(type, value, target);
    return text;
  };
}

const textual: readonly TypeKind[] = [
  'text',
  'enum',
  'uuid',
  'network',
  'bits',
  'object_id',
  'native',
  'date',
  'timestamp',
  'timestamptz',
  'time',
  'time_tz',
  'interval',
  'boolean',
];

function inText(type: PortableType, value: PortableValue, target: string): string {
  if (!textual.includes(type.kind)) throw refused(type, value, target);
  return String(value);
}

function parsedJson(type: PortableType, value: PortableValue, target: string): unknown {
  if (type.kind !== 'json' && type.kind !== 'text') throw refused(type, value, target);
  return parseJson(value as string);
}

/** Parses JSON text. Throws ConversionError. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ConversionError(`not JSON: ${(cause as Error).message}`);
  }
}

function refused(type: PortableType, value: PortableValue, target: string): ConversionError {
  const shown = scalarText(type, value) ?? JSON.stringify(jsonOf(type, value));
  return new ConversionError(`the ${typeText(type)} "${shortened(shown)}" cannot become ${target}`);
}

/** The narrowest type of a JSON literal in a spec: a whole number is int32 or int64, any other a decimal of its digits. */
export function literalOf(value: unknown): { type: PortableType; value: PortableValue } {
  if (typeof value === 'number') {
    if (isInt32(value)) return { type: { kind: 'int32' }, value };
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) return { type: { kind: 'int64' }, value: BigInt(value) };
    return { type: { kind: 'decimal' }, value: digitsOf({ kind: 'float64' }, value) };
  }
  const portable = dynamicOfPlain(value);
  return { type: dynamicType(portable) ?? { kind: 'text' }, value: portable };
}
