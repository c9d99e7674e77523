import {
  ConversionError,
  dynamicOfPlain,
  dynamicType,
  isInfinite,
  type PortableRange,
  type PortableType,
  type PortableValue,
  parseJson,
  parseTimestamp,
  Tagged,
  timestampText,
  toDynamic,
} from '@polyshift/core';
import { CelDecimal } from './environment.ts';

/** The name of a type's counterpart in CEL. Integers of all widths are int, JSON and dynamic values are dyn. */
export function celType(type: PortableType): string {
  switch (type.kind) {
    case 'boolean':
      return 'bool';
    case 'int16':
    case 'int32':
    case 'int64':
      return 'int';
    case 'float32':
    case 'float64':
      return 'double';
    case 'decimal':
      return 'decimal';
    case 'bytes':
      return 'bytes';
    case 'date':
    case 'timestamp':
    case 'timestamptz':
      return 'google.protobuf.Timestamp';
    case 'array':
      return `list<${celType(type.of)}>`;
    case 'range':
    case 'document':
      return 'map';
    case 'json':
    case 'dynamic':
      return 'dyn';
    default:
      return 'string';
  }
}

/** A value as CEL computes with it: integers as bigint, timestamps as Date (in milliseconds), documents as Map. Throws ConversionError. */
export function toCel(type: PortableType, value: PortableValue): unknown {
  if (value === null) return null;
  switch (type.kind) {
    case 'int16':
    case 'int32':
      return BigInt(value as number);
    case 'decimal':
      return new CelDecimal(value as string);
    case 'date':
    case 'timestamp':
    case 'timestamptz': {
      if (isInfinite(value as string)) throw new ConversionError(`an expression cannot take ${value as string} for a date`);
      const { micros } = parseTimestamp(value as string);
      return new Date(Number(micros / 1000n - (micros % 1000n < 0n ? 1n : 0n)));
    }
    case 'array':
      return (value as PortableValue[]).map((element) =>
        toCel(Array.isArray(element) && type.of.kind !== 'array' && type.of.kind !== 'dynamic' ? type : type.of, element),
      );
    case 'range': {
      const range = value as PortableRange;
      return new Map<string, unknown>([
        ['empty', range.empty],
        ['lower', toCel(type.of, range.lower)],
        ['upper', toCel(type.of, range.upper)],
        ['lower_inclusive', range.lower_inclusive],
        ['upper_inclusive', range.upper_inclusive],
      ]);
    }
    case 'document':
      return new Map(
        [...(value as Map<string, PortableValue>)].map(([name, inner]) => [name, toCel({ kind: 'dynamic' }, inner)]),
      );
    case 'json':
      return toCel({ kind: 'dynamic' }, dynamicOfPlain(parseJson(value as string)));
    case 'dynamic': {
      const own = dynamicType(value);
      return own === undefined ? null : toCel(own, value instanceof Tagged ? value.value : value);
    }
    default:
      return value;
  }
}

/** The portable type of a result of CEL, by the name that the type checker gives it. */
export function resultType(name: string): PortableType {
  const list = /^list<(.+)>$/.exec(name);
  if (list) return { kind: 'array', of: resultType(list[1]!) };
  if (name === 'list') return { kind: 'array', of: { kind: 'dynamic' } };
  if (name.startsWith('map')) return { kind: 'document' };
  const simple: Record<string, PortableType> = {
    bool: { kind: 'boolean' },
    int: { kind: 'int64' },
    uint: { kind: 'int64' },
    double: { kind: 'float64' },
    decimal: { kind: 'decimal' },
    string: { kind: 'text' },
    bytes: { kind: 'bytes' },
    'google.protobuf.Timestamp': { kind: 'timestamptz' },
    null: { kind: 'text' },
  };
  return simple[name] ?? { kind: 'dynamic' };
}

/** What CEL has computed as a value of the given type (bare), or as a dynamic one. Throws ConversionError for types and durations. */
export function fromCel(type: PortableType, value: unknown): PortableValue {
  if (value === null || value === undefined) return null;
  const [own, bare] = portableOf(value);
  if (type.kind === 'dynamic') return toDynamic(own, bare);
  if (type.kind === 'array') return (value as unknown[]).map((element) => fromCel(type.of, element));
  return bare;
}

function portableOf(value: unknown): [PortableType, PortableValue] {
  switch (typeof value) {
    case 'boolean':
      return [{ kind: 'boolean' }, value];
    case 'string':
      return [{ kind: 'text' }, value];
    case 'number':
      return [{ kind: 'float64' }, value];
    case 'bigint':
      return [{ kind: 'int64' }, value];
  }
  if (value instanceof CelDecimal) return [{ kind: 'decimal' }, value.digits];
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw new ConversionError('the expression gave a timestamp that does not exist');
    return [{ kind: 'timestamptz' }, timestampText(BigInt(value.getTime()) * 1000n, 'Z')];
  }
  if (value instanceof Uint8Array) return [{ kind: 'bytes' }, value];
  const dynamic: PortableType = { kind: 'dynamic' };
  if (Array.isArray(value)) return [{ kind: 'array', of: dynamic }, value.map((element) => fromCel(dynamic, element))];
  if (value instanceof Map) {
    return [{ kind: 'document' }, new Map([...value].map(([name, inner]) => [String(name), fromCel(dynamic, inner)]))];
  }
  if (typeof value === 'object' && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value))) {
    return [{ kind: 'document' }, new Map(Object.entries(value).map(([name, inner]) => [name, fromCel(dynamic, inner)]))];
  }
  // Unsigned integers are the one class of CEL's own that stands for a number.
  const number = (value as { value?: unknown } | undefined)?.value;
  if (typeof number === 'bigint') {
    return BigInt.asIntN(64, number) === number ? [{ kind: 'int64' }, number] : [{ kind: 'decimal' }, number.toString()];
  }
  throw new ConversionError('the expression gave a value that no store can keep (a type or duration)');
}

/** Whether a timestamp has digits that CEL's milliseconds cannot hold. */
export function losesDigits(type: PortableType, value: PortableValue): boolean {
  return (type.kind === 'timestamp' || type.kind === 'timestamptz') && typeof value === 'string' && /\.\d{4,}/.test(value);
}
