import type { JsonObject, PortableType } from '@polyshift/core';
import { parseTypeText, typeMeta } from './type-text.ts';

/** A field of a mapping. */
export interface FieldType {
  /** From the root: `address.city`. */
  readonly path: string;
  /** The type in Elasticsearch's words: `keyword`, `object`. */
  readonly native: string;
  readonly portable: PortableType;
  /** The field's own part of the mapping, without fields inside of it. */
  readonly definition: JsonObject;
}

/** The fields of a mapping by their paths; those of objects come with the objects themselves. */
export type FieldTypes = ReadonlyMap<string, FieldType>;

/** What the field types of Elasticsearch are where the mapping does not keep a portable type itself. */
const portableOf: Readonly<Record<string, PortableType>> = {
  binary: { kind: 'bytes' },
  boolean: { kind: 'boolean' },
  byte: { kind: 'int16' },
  constant_keyword: { kind: 'text' },
  date: { kind: 'timestamptz' },
  date_nanos: { kind: 'timestamptz' },
  date_range: { kind: 'range', of: { kind: 'timestamptz' } },
  double: { kind: 'float64' },
  double_range: { kind: 'range', of: { kind: 'float64' } },
  flattened: { kind: 'document' },
  float: { kind: 'float32' },
  float_range: { kind: 'range', of: { kind: 'float32' } },
  half_float: { kind: 'float32' },
  integer: { kind: 'int32' },
  integer_range: { kind: 'range', of: { kind: 'int32' } },
  ip: { kind: 'network' },
  ip_range: { kind: 'range', of: { kind: 'network' } },
  keyword: { kind: 'text' },
  long: { kind: 'int64' },
  long_range: { kind: 'range', of: { kind: 'int64' } },
  match_only_text: { kind: 'text' },
  nested: { kind: 'document' },
  object: { kind: 'document' },
  scaled_float: { kind: 'decimal' },
  search_as_you_type: { kind: 'text' },
  short: { kind: 'int16' },
  text: { kind: 'text' },
  unsigned_long: { kind: 'decimal' },
  version: { kind: 'text' },
  wildcard: { kind: 'text' },
};

/** The portable type of a field by its part of the mapping; `dynamic` where Elasticsearch's type has no counterpart. */
export function portableTypeOfField(definition: JsonObject): PortableType {
  const kept = (definition['meta'] as JsonObject | undefined)?.[typeMeta];
  const own = typeof kept === 'string' ? parseTypeText(kept) : undefined;
  if (own) return own;
  if (definition['enabled'] === false) return { kind: 'json' };
  return portableOf[nativeTypeOf(definition)] ?? { kind: 'dynamic' };
}

/** All fields of a mapping. */
export function fieldTypes(mappings: JsonObject): FieldTypes {
  const found = new Map<string, FieldType>();
  collect(mappings, '', found);
  return found;
}

/** Says instead of a native type that a field is kept without being searched: any JSON fits, numbers of any digits too. */
export const unsearched = 'unsearched';

/** The type of a field as it matters for the form of its values; undefined where the mapping does not say. */
export function nativeForValues(field: FieldType | undefined): string | undefined {
  return field?.definition['enabled'] === false ? unsearched : field?.native;
}

function collect(parent: JsonObject, prefix: string, found: Map<string, FieldType>): void {
  for (const [name, definition] of Object.entries((parent['properties'] ?? {}) as Readonly<Record<string, JsonObject>>)) {
    const { properties: _inner, ...own } = definition;
    const path = prefix + name;
    found.set(path, { path, native: nativeTypeOf(definition), portable: portableTypeOfField(definition), definition: own });
    collect(definition, `${path}.`, found);
  }
}

function nativeTypeOf(definition: JsonObject): string {
  return typeof definition['type'] === 'string' ? definition['type'] : 'object';
}
