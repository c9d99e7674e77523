import type { PortableType } from '@polyshift/core';
import { typeText } from '@polyshift/core';
import { documentLosses } from '../types.ts';

const floats = new Set(['float32', 'float64']);

/** What values of one type can lose in a column of another, by the names that the encoders use; for plans, before any value is seen. */
export function possibleLosses(source: PortableType, target: PortableType, native: string): string[] {
  if (native === 'jsonb') return jsonbLosses(source);
  if (source.kind === 'array' && target.kind === 'array')
    return possibleLosses(source.of, target.of, native.replace(/(\[\])+$/, ''));
  if (source.kind === 'dynamic' || typeText(source) === typeText(target)) return [];
  const from = source.kind;
  switch (target.kind) {
    case 'float32':
      return from === 'float64' ? ['double_to_single'] : floatLosses(from);
    case 'float64':
      return from === 'float32' ? [] : floatLosses(from);
    case 'decimal':
      return target.scale !== undefined && (from === 'decimal' || floats.has(from)) ? ['decimal_scale'] : [];
    case 'date':
      return from === 'timestamp' || from === 'timestamptz' ? ['time_of_day'] : [];
    case 'time':
      return from === 'time_tz' ? ['zone'] : [];
    case 'time_tz':
      return from === 'time' ? ['zone_taken_for_utc'] : [];
    case 'timestamp':
      return from === 'timestamptz' ? ['zone'] : [];
    case 'timestamptz':
      return from === 'timestamp' ? ['zone_taken_for_utc'] : [];
    default:
      return [];
  }
}

function floatLosses(from: string): string[] {
  if (from === 'int64') return ['integer_to_float'];
  if (from === 'decimal') return ['decimal_to_float'];
  return [];
}

/** jsonb has JSON's few types, and keeps neither the order of fields nor the letters of a JSON text. */
function jsonbLosses(source: PortableType): string[] {
  switch (source.kind) {
    case 'json':
      return ['json_letters'];
    case 'document':
    case 'dynamic':
      return [...documentLosses];
    case 'array':
      return jsonbLosses(source.of);
    case 'boolean':
    case 'text':
    case 'enum':
    case 'int16':
    case 'int32':
    case 'int64':
      return [];
    default:
      // Of numbers only NaN and the infinities become text.
      return [`${source.kind}_as_json_text`];
  }
}
