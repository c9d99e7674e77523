import { type PortableType, portableTypeOf, type TypeKind, type TypeReference } from '@polyshift/core';
import { type CqlType, parseCqlType, type UdtLookup } from './values/cql-type.ts';
import type { LossName } from './values/losses.ts';

/** What values of a portable type become, in the words of CQL, with what some of them lose. */
export interface TypeMapping {
  readonly native: string;
  readonly losses: readonly LossName[];
  readonly refuses?: string;
}

/** How each portable type is written into a new column: the table of the store's page. An array has a type by its elements. */
export const typeMappings: Readonly<Record<TypeKind, TypeMapping>> = {
  boolean: { native: 'boolean', losses: [] },
  int16: { native: 'smallint', losses: [] },
  int32: { native: 'int', losses: [] },
  int64: { native: 'bigint', losses: [] },
  float32: { native: 'float', losses: [] },
  float64: { native: 'double', losses: [] },
  decimal: { native: 'decimal', losses: [], refuses: 'NaN and the infinities' },
  text: { native: 'text', losses: [] },
  uuid: { native: 'uuid', losses: [] },
  bytes: { native: 'blob', losses: [] },
  date: { native: 'date', losses: [], refuses: 'the infinities' },
  time: { native: 'time', losses: [] },
  time_tz: { native: 'text', losses: [] },
  timestamp: {
    native: 'timestamp',
    losses: ['microseconds_to_milliseconds'],
    refuses: 'the infinities, and years beyond 275760',
  },
  timestamptz: {
    native: 'timestamp',
    losses: ['microseconds_to_milliseconds'],
    refuses: 'the infinities, and years beyond 275760',
  },
  interval: { native: 'duration', losses: [], refuses: 'durations whose parts have different signs' },
  json: { native: 'text', losses: [] },
  enum: { native: 'text', losses: [] },
  array: { native: 'frozen<list<...>>', losses: ['dimensions', 'null_elements'], refuses: 'arrays with bounds of their own' },
  range: { native: 'text', losses: [] },
  network: { native: 'text', losses: [] },
  bits: { native: 'text', losses: [] },
  object_id: { native: 'text', losses: [] },
  document: { native: 'text', losses: ['json_text'] },
  dynamic: { native: 'text', losses: ['json_text'] },
  native: { native: 'text', losses: [] },
};

/** The type of CQL that a new column has for values of a portable type, as text. */
export function nativeOf(type: PortableType): string {
  return type.kind === 'array' ? `frozen<list<${nativeOf(type.of)}>>` : typeMappings[type.kind].native;
}

/** The type of CQL that a user's reference means: a portable type, or one of CQL. Throws INVALID_DOCUMENT for anything else. */
export function cqlTypeOf(reference: TypeReference, udts: UdtLookup): CqlType {
  const portable = portableTypeOf(reference);
  // Where a name is a type of both, the store's own is meant: `date`, `time`, `text`, `decimal` are the same, and `timestamp` too.
  if (portable === undefined) return parseCqlType(reference as string, udts);
  if (portable.kind === 'native') return parseCqlType(portable.name, udts);
  return parseCqlType(nativeOf(portable), udts);
}
