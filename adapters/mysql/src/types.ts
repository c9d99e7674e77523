import type { PortableType, TypeReference } from '@polyshift/core';
import { PolyshiftError, portableTypeOf } from '@polyshift/core';
import type { Dialect } from './server-features.ts';
import { tokenize, unquoteString } from './sql-tokens.ts';

const simple: Readonly<Record<string, PortableType>> = {
  tinyint: { kind: 'int16' },
  smallint: { kind: 'int16' },
  mediumint: { kind: 'int32' },
  int: { kind: 'int32' },
  bigint: { kind: 'int64' },
  year: { kind: 'int16' },
  float: { kind: 'float32' },
  double: { kind: 'float64' },
  tinytext: { kind: 'text', max_length: 255 },
  text: { kind: 'text' },
  mediumtext: { kind: 'text' },
  longtext: { kind: 'text' },
  binary: { kind: 'bytes' },
  varbinary: { kind: 'bytes' },
  tinyblob: { kind: 'bytes' },
  blob: { kind: 'bytes' },
  mediumblob: { kind: 'bytes' },
  longblob: { kind: 'bytes' },
  date: { kind: 'date' },
  time: { kind: 'time' },
  datetime: { kind: 'timestamp' },
  timestamp: { kind: 'timestamptz' },
  json: { kind: 'json' },
  bit: { kind: 'bits' },
  uuid: { kind: 'uuid' },
  inet4: { kind: 'network' },
  inet6: { kind: 'network' },
};

const unsigned: Readonly<Record<string, PortableType>> = {
  tinyint: { kind: 'int16' },
  smallint: { kind: 'int32' },
  mediumint: { kind: 'int32' },
  int: { kind: 'int64' },
  bigint: { kind: 'decimal', precision: 20, scale: 0 },
};

/** Other words for types, as documents may write them; the server prints none of these. */
const synonyms: Readonly<Record<string, string>> = {
  integer: 'int',
  numeric: 'decimal',
  dec: 'decimal',
  fixed: 'decimal',
  real: 'double',
  character: 'char',
};

/** The first word of a type, and the numbers behind it. */
export function typeParts(native: string): { word: string; numbers: number[]; unsigned: boolean } {
  const match = /^(\w+)(?:\((\d+)(?:,(\d+))?\))?/.exec(native);
  const word = match?.[1]?.toLowerCase() ?? native;
  return {
    word: synonyms[word] ?? word,
    numbers: [match?.[2], match?.[3]].flatMap((digits) => (digits === undefined ? [] : [Number(digits)])),
    unsigned: / unsigned\b/i.test(native),
  };
}

/** The portable type of a type as the server prints it, or as a document writes it. What has no portable form is native. */
export function toPortableType(native: string): PortableType {
  const { word, numbers, unsigned: positive } = typeParts(native);
  switch (word) {
    case 'tinyint':
      // BOOLEAN is this type; a value beyond 0 and 1 says of itself that it is a number.
      if (numbers[0] === 1 && !positive) return { kind: 'boolean' };
      break;
    case 'bool':
    case 'boolean':
      return { kind: 'boolean' };
    case 'decimal':
      return { kind: 'decimal', precision: numbers[0] ?? 10, scale: numbers[1] ?? 0 };
    case 'char':
    case 'varchar':
      return { kind: 'text', max_length: numbers[0] ?? 1 };
    case 'enum':
      return { kind: 'enum', values: labelsOf(native) };
  }
  return (positive ? unsigned[word] : undefined) ?? simple[word] ?? { kind: 'native', name: native };
}

/** The labels of an enum or set. */
export function labelsOf(native: string): string[] {
  return tokenize(native)
    .filter((token) => token.kind === 'string')
    .map((token) => unquoteString(token.text));
}

const natives: Readonly<Partial<Record<PortableType['kind'], string>>> = {
  boolean: 'tinyint(1)',
  int16: 'smallint',
  int32: 'int',
  int64: 'bigint',
  float32: 'float',
  float64: 'double',
  uuid: 'char(36) CHARACTER SET ascii COLLATE ascii_bin',
  bytes: 'longblob',
  date: 'date',
  time: 'time(6)',
  time_tz: 'varchar(32) CHARACTER SET ascii COLLATE ascii_bin',
  timestamp: 'datetime(6)',
  timestamptz: 'timestamp(6)',
  interval: 'varchar(80) CHARACTER SET ascii COLLATE ascii_bin',
  json: 'json',
  array: 'json',
  range: 'json',
  document: 'json',
  dynamic: 'json',
  network: 'varchar(64) CHARACTER SET ascii COLLATE ascii_bin',
  object_id: 'char(24) CHARACTER SET ascii COLLATE ascii_bin',
};

/** The type of the server that a portable type stands for in an operation. A native type is taken by its name. */
export function toNativeType(type: PortableType): string {
  switch (type.kind) {
    case 'decimal':
      return type.precision === undefined ? 'decimal(65,30)' : `decimal(${type.precision},${Math.max(type.scale ?? 0, 0)})`;
    case 'text':
      return textType(type.max_length);
    case 'enum':
      return enumType(type.values);
    case 'native':
      return type.name;
    default:
      return natives[type.kind] ?? 'longtext';
  }
}

/** A varchar counts in characters and shares 65,535 bytes with the rest of the row: long ones are texts. */
function textType(length: number | undefined): string {
  return length === undefined || length > 4096 ? 'longtext' : `varchar(${length})`;
}

function enumType(values: readonly string[]): string {
  const plain = values.every((value) => value.trimEnd() === value && [...value].length <= 255) && values.length <= 65_535;
  if (!plain) return 'longtext';
  const labels = values.map((value) => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`);
  return `enum(${labels.join(',')}) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`;
}

/**
 * The column of a new target of a load, as SQL behind its name: JSON as text with a check, because MySQL's own type rewrites what it is given;
 * a key's text short enough for an index, and equal only byte for byte.
 */
export function loadedType(name: string, type: PortableType, key: { size: number } | undefined, dialect: Dialect): string {
  const native = type.kind === 'native' ? 'longtext' : toNativeType(type);
  if (native === 'json') return `longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin CHECK (json_valid(${name}))`;
  if (!key) return native;
  const most = Math.floor(3072 / key.size);
  if (native === 'longblob') return `varbinary(${most})`;
  if (!/^(longtext|varchar)/.test(native) || / CHARACTER SET ascii/.test(native)) return native;
  const length = Math.min(type.kind === 'text' ? (type.max_length ?? Number.MAX_SAFE_INTEGER) : most, Math.floor(most / 4));
  return `varchar(${length}) CHARACTER SET utf8mb4 COLLATE ${dialect.exactCollation}`;
}

/** The native type that a document asks for: a portable one translated, any other text as it is (to be checked by the server). */
export function nativeOfReference(reference: TypeReference): string {
  const portable = portableTypeOf(reference);
  return portable ? toNativeType(portable) : (reference as string);
}

/** The type of a column that shall hold a JSON value, where the document names none. Throws INVALID_DOCUMENT for null. */
export function nativeOfValue(value: unknown, field: string): string {
  switch (typeof value) {
    case 'boolean':
      return 'tinyint(1)';
    case 'number':
      if (!Number.isInteger(value)) return 'double';
      return Math.abs(value) < 2 ** 31 ? 'int' : 'bigint';
    case 'string':
      return value.length <= 255 ? 'varchar(255)' : 'longtext';
    case 'object':
      if (value !== null) return 'json';
  }
  throw new PolyshiftError('INVALID_DOCUMENT', `The field ${field} needs a type: it has no default value that shows one.`, {
    hint: 'Add `type`, for example `type: text`.',
  });
}
