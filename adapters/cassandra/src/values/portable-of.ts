import type { PortableType } from '@polyshift/core';
import type { CqlType } from './cql-type.ts';

const scalarTypes: Readonly<Record<string, PortableType>> = {
  ascii: { kind: 'text' },
  bigint: { kind: 'int64' },
  blob: { kind: 'bytes' },
  boolean: { kind: 'boolean' },
  counter: { kind: 'int64' },
  date: { kind: 'date' },
  decimal: { kind: 'decimal' },
  double: { kind: 'float64' },
  duration: { kind: 'interval' },
  float: { kind: 'float32' },
  inet: { kind: 'network' },
  int: { kind: 'int32' },
  smallint: { kind: 'int16' },
  text: { kind: 'text' },
  time: { kind: 'time' },
  timestamp: { kind: 'timestamptz' },
  timeuuid: { kind: 'uuid' },
  tinyint: { kind: 'int16' },
  uuid: { kind: 'uuid' },
  varint: { kind: 'decimal' },
};

/** What values of a type of CQL are to others: a tinyint is an int16, a map or user-defined type a document, a tuple an array. */
export function portableOf(type: CqlType): PortableType {
  switch (type.name) {
    case 'list':
    case 'set':
    case 'vector':
      return { kind: 'array', of: portableOf(type.of[0]!) };
    case 'tuple':
      return { kind: 'array', of: { kind: 'dynamic' } };
    case 'map':
    case 'udt':
      return { kind: 'document' };
    default:
      return scalarTypes[type.name] ?? { kind: 'native', name: type.text };
  }
}
