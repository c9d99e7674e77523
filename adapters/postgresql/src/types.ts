import type { PortableType, TypeKind, TypeReference, TypeTarget } from '@polyshift/core';
import { PolyshiftError, portableTypeOf } from '@polyshift/core';
import type { PgType } from './catalog/pg-types.ts';

const simple: Readonly<Record<string, PortableType>> = {
  bool: { kind: 'boolean' },
  int2: { kind: 'int16' },
  int4: { kind: 'int32' },
  int8: { kind: 'int64' },
  oid: { kind: 'int64' },
  float4: { kind: 'float32' },
  float8: { kind: 'float64' },
  text: { kind: 'text' },
  name: { kind: 'text' },
  uuid: { kind: 'uuid' },
  bytea: { kind: 'bytes' },
  date: { kind: 'date' },
  time: { kind: 'time' },
  timetz: { kind: 'time_tz' },
  timestamp: { kind: 'timestamp' },
  timestamptz: { kind: 'timestamptz' },
  interval: { kind: 'interval' },
  json: { kind: 'json' },
  jsonb: { kind: 'json' },
  inet: { kind: 'network' },
  cidr: { kind: 'network' },
  macaddr: { kind: 'network' },
  macaddr8: { kind: 'network' },
  bit: { kind: 'bits' },
  varbit: { kind: 'bits' },
};

/** The portable type of a type of the server with its modifier. A domain is its base type; what has no portable form is native. */
export function toPortableType(type: PgType, modifier: number): PortableType {
  switch (type.form) {
    case 'domain':
      return toPortableType(type.of!, type.modifier);
    case 'array':
      return { kind: 'array', of: toPortableType(type.of!, modifier) };
    case 'range':
      return { kind: 'range', of: toPortableType(type.of!, -1) };
    case 'enum':
      return { kind: 'enum', values: type.labels };
    case 'other':
      return { kind: 'native', name: type.native };
  }
  // citext compares without case, but its values are texts like any other.
  if (type.name === 'citext') return { kind: 'text' };
  if (type.schema !== 'pg_catalog') return { kind: 'native', name: type.native };
  if (type.name === 'numeric') return decimalType(modifier);
  if (type.name === 'varchar' || type.name === 'bpchar') {
    return modifier > 4 ? { kind: 'text', max_length: modifier - 4 } : { kind: 'text' };
  }
  return simple[type.name] ?? { kind: 'native', name: type.native };
}

/** numeric's modifier holds the precision in its upper half and the scale, which may be negative, in 11 bits. */
function decimalType(modifier: number): PortableType {
  if (modifier < 4) return { kind: 'decimal' };
  const packed = modifier - 4;
  return { kind: 'decimal', precision: (packed >> 16) & 0xffff, scale: ((packed & 0x7ff) ^ 1024) - 1024 };
}

const natives: Readonly<Partial<Record<PortableType['kind'], string>>> = {
  boolean: 'boolean',
  int16: 'smallint',
  int32: 'integer',
  int64: 'bigint',
  float32: 'real',
  float64: 'double precision',
  uuid: 'uuid',
  bytes: 'bytea',
  date: 'date',
  time: 'time without time zone',
  time_tz: 'time with time zone',
  timestamp: 'timestamp without time zone',
  timestamptz: 'timestamp with time zone',
  interval: 'interval',
  // `json` keeps the letters; `jsonb`, which a document becomes, can be indexed and rewrites them.
  json: 'json',
  document: 'jsonb',
  dynamic: 'jsonb',
  enum: 'text',
  network: 'text',
  object_id: 'text',
  bits: 'bit varying',
};

const ranges: Readonly<Partial<Record<PortableType['kind'], string>>> = {
  int16: 'int4range',
  int32: 'int4range',
  int64: 'int8range',
  decimal: 'numrange',
  date: 'daterange',
  timestamp: 'tsrange',
  timestamptz: 'tstzrange',
};

/** The type of the server that holds the values of a portable type best. A native type is taken by its name. */
export function toNativeType(type: PortableType): string {
  switch (type.kind) {
    case 'decimal':
      return type.precision === undefined ? 'numeric' : `numeric(${type.precision},${type.scale ?? 0})`;
    case 'text':
      return type.max_length === undefined ? 'text' : `character varying(${type.max_length})`;
    case 'array': {
      const element = toNativeType(type.of);
      return element === 'jsonb' ? 'jsonb' : `${element.replace(/(\[\])+$/, '')}[]`;
    }
    case 'range':
      return ranges[type.of.kind] ?? 'text';
    case 'native':
      return type.name;
    default:
      return natives[type.kind] ?? 'text';
  }
}

/** What documents lose in jsonb: the order of their fields, and the type of what JSON has no form for (of floats and decimals: NaN and the infinities). */
export const documentLosses = [
  'field_order',
  ...(
    [
      'float64',
      'decimal',
      'uuid',
      'bytes',
      'date',
      'time',
      'time_tz',
      'timestamp',
      'timestamptz',
      'interval',
      'network',
      'bits',
      'object_id',
      'range',
      'native',
    ] as const
  ).map((kind) => `${kind}_as_json_text`),
];

const exact = (kind: keyof typeof natives): TypeTarget => ({ native: natives[kind]!, losses: [] });

/** What each portable type becomes in a table that a load creates. */
export const types: Readonly<Record<TypeKind, TypeTarget>> = {
  boolean: exact('boolean'),
  int16: exact('int16'),
  int32: exact('int32'),
  int64: exact('int64'),
  float32: exact('float32'),
  float64: exact('float64'),
  decimal: { native: 'numeric, numeric(p,s)', losses: [] },
  text: { native: 'text, character varying(n)', losses: ['lone_surrogate'], refuses: 'the NUL character' },
  uuid: exact('uuid'),
  bytes: exact('bytes'),
  date: exact('date'),
  time: exact('time'),
  time_tz: exact('time_tz'),
  timestamp: exact('timestamp'),
  timestamptz: exact('timestamptz'),
  interval: exact('interval'),
  json: exact('json'),
  enum: exact('enum'),
  array: { native: 'an array of its element, or jsonb', losses: [], refuses: 'inner arrays that differ in length' },
  range: { native: `${[...new Set(Object.values(ranges))].join(', ')}, or text`, losses: [] },
  network: exact('network'),
  bits: exact('bits'),
  object_id: exact('object_id'),
  document: { ...exact('document'), losses: documentLosses, refuses: 'the NUL character' },
  dynamic: { ...exact('dynamic'), losses: documentLosses, refuses: 'the NUL character' },
  native: { native: 'text; its own type between two PostgreSQL', losses: [] },
};

/** The native type that a document asks for: a portable one translated, any other text as it is (to be checked by the server). */
export function nativeOfReference(reference: TypeReference): string {
  const portable = portableTypeOf(reference);
  return portable ? toNativeType(portable) : (reference as string);
}

/** The type of a column that shall hold a JSON value, where the document names none. Throws INVALID_DOCUMENT for null. */
export function nativeOfValue(value: unknown, field: string): string {
  switch (typeof value) {
    case 'boolean':
      return 'boolean';
    case 'number':
      if (!Number.isInteger(value)) return 'numeric';
      return Math.abs(value) < 2 ** 31 ? 'integer' : 'bigint';
    case 'string':
      return 'text';
    case 'object':
      if (value !== null) return 'jsonb';
  }
  throw new PolyshiftError('INVALID_DOCUMENT', `The field ${field} needs a type: it has no default value that shows one.`, {
    hint: 'Add `type`, for example `type: text`.',
  });
}
