import { isNumeric, type PortableType } from '@polyshift/core';
import type { CqlType } from './values/cql-type.ts';
import type { LossName } from './values/losses.ts';

/** What values of a portable type may lose in a type of CQL, for plans: by the names that encoding counts them under. */
export function possibleLosses(from: PortableType, to: CqlType): LossName[] {
  switch (to.name) {
    case 'timestamp':
      return ['timestamp', 'timestamptz', 'text', 'dynamic'].includes(from.kind) ? ['microseconds_to_milliseconds'] : [];
    case 'float':
    case 'double':
      return mayRound(from, to) ? ['float_rounded'] : [];
    case 'list':
    case 'set':
    case 'map': {
      const inner: LossName[] = from.kind === 'array' ? possibleLosses(from.of, to.of[0]!) : [];
      return [
        ...(to.name === 'map' ? [] : (['dimensions'] as const)),
        'null_elements',
        ...(to.name === 'set' ? (['duplicate_elements'] as const) : []),
        ...(to.frozen ? [] : (['empty_collection'] as const)),
        ...inner,
      ];
    }
    case 'text':
    case 'ascii':
      return from.kind === 'document' || from.kind === 'dynamic' || from.kind === 'array' ? ['json_text'] : [];
    default:
      return [];
  }
}

function mayRound(from: PortableType, to: CqlType): boolean {
  if (from.kind === 'float32' || from.kind === 'int16') return false;
  if (from.kind === 'float64') return to.name === 'float';
  if (from.kind === 'int32') return to.name === 'float';
  return isNumeric(from.kind) || from.kind === 'text' || from.kind === 'dynamic';
}
