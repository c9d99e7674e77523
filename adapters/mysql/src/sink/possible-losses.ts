import type { PortableType } from '@polyshift/core';
import { typeParts } from '../types.ts';
import { type LossName, textInJson } from '../values/losses.ts';

/** What values of one type can lose in a column of another, by the names that the encoders use; for plans, before any value is seen. */
export function possibleLosses(source: PortableType, target: PortableType, native: string): LossName[] {
  const from = source.kind;
  const { word, numbers } = typeParts(native);
  const seconds: LossName[] =
    /^(timestamp|timestamptz|time|time_tz)$/.test(from) && (numbers[0] ?? 0) < 6 ? ['fraction_of_a_second'] : [];
  switch (target.kind) {
    case 'float32':
      return from === 'float64' ? ['double_to_single', 'negative_zero'] : floatLosses(from);
    case 'float64':
      return floatLosses(from);
    case 'decimal':
      return /^(decimal|float32|float64)$/.test(from) && !(scaleOf(source) <= (numbers[1] ?? 0)) ? ['decimal_scale'] : [];
    case 'date':
      return /^timestamp/.test(from) ? ['time_of_day'] : [];
    case 'time':
      return from === 'time_tz' ? ['zone', ...seconds] : seconds;
    case 'timestamp':
      return from === 'timestamptz' ? ['zone', ...seconds] : seconds;
    case 'timestamptz':
      return from === 'timestamp' ? ['zone_taken_for_utc', ...seconds] : seconds;
    case 'bytes':
      return word === 'binary' ? ['zero_bytes_added'] : [];
    case 'text':
      return word === 'char' && from === 'text' ? ['trailing_spaces'] : [];
    case 'json':
      return jsonLosses(source, word === 'json');
    default:
      return [];
  }
}

/** Digits behind the point that values of a type have at most. */
function scaleOf(type: PortableType): number {
  return type.kind === 'decimal' && type.precision !== undefined ? (type.scale ?? 0) : Number.POSITIVE_INFINITY;
}

function floatLosses(from: string): LossName[] {
  if (from === 'int64') return ['integer_to_float'];
  if (from === 'float32' || from === 'float64') return ['negative_zero'];
  return from === 'decimal' ? ['decimal_to_float'] : [];
}

/** JSON has few types; MySQL's own keeps neither the order of fields nor the letters of a text. */
function jsonLosses(source: PortableType, rewrites: boolean): LossName[] {
  switch (source.kind) {
    case 'json':
      return rewritten(rewrites, 'json_letters');
    case 'document':
    case 'dynamic':
      return [...rewritten(rewrites, 'field_order'), ...textInJson.map((kind) => `${kind}_as_json_text` as const)];
    case 'array':
      return jsonLosses(source.of, rewrites);
    case 'boolean':
    case 'text':
    case 'enum':
    case 'int16':
    case 'int32':
    case 'int64':
    case 'range':
      return [];
    default:
      // Of numbers only NaN and the infinities become text.
      return [`${source.kind}_as_json_text`];
  }
}

function rewritten(rewrites: boolean, loss: LossName): LossName[] {
  return rewrites ? [loss, 'json_number'] : [];
}
