import type { PortableType, PortableValue } from '@polyshift/core';
import { cannotConvert, type Lose, typed, type ValueEncoder, valueText } from './conversion.ts';
import { inJsonbOrder, toJsonbText } from './jsonb-text.ts';

/**
 * JSON. Text of a JSON column is taken to the letter; documents, arrays and scalars are written as JSON, and what JSON has no form for
 * becomes text, which is named: `timestamptz_as_json_text`. jsonb keeps neither the order of fields nor the form of numbers.
 */
export function jsonEncoder(binary: boolean): ValueEncoder {
  return (source, lose) => {
    const text = source.type.kind === 'json' ? (source.value as string) : toJson(source.type, source.value, lose);
    if (text.includes('\\u0000') && binary && /(^|[^\\])(\\\\)*\\u0000/.test(text)) {
      throw cannotConvert(source, 'jsonb', 'it holds a NUL character');
    }
    if (!binary) return text;
    if (source.value instanceof Map && !inJsonbOrder(source.value)) lose('field_order', valueText(source.value), 'jsonb');
    try {
      const kept = toJsonbText(text);
      if (source.type.kind === 'json' && kept !== text && kept.replace(/\s/g, '') !== text.replace(/\s/g, '')) {
        lose('json_letters', text, kept);
      }
      return kept;
    } catch {
      throw cannotConvert(source, 'jsonb', 'it is not valid JSON');
    }
  };
}

/** A portable value as JSON text. */
function toJson(type: PortableType, value: PortableValue, lose: Lose): string {
  if (value === null) return 'null';
  const source = typed(type, value);
  const inner = source.value;
  switch (source.type.kind) {
    case 'boolean':
      return String(inner);
    case 'int16':
    case 'int32':
    case 'int64':
      return String(inner);
    case 'float32':
    case 'float64':
    case 'decimal':
      return numberToJson(source.type.kind, inner as number | string, lose);
    case 'text':
    case 'enum':
      return JSON.stringify(inner);
    case 'json':
      return inner as string;
    case 'array': {
      const of = source.type.of;
      return `[${(inner as PortableValue[]).map((each) => toJson(Array.isArray(each) && of.kind !== 'array' && of.kind !== 'dynamic' ? source.type : of, each, lose)).join(',')}]`;
    }
    case 'document': {
      const parts: string[] = [];
      for (const [name, each] of inner as Map<string, PortableValue>) {
        parts.push(`${JSON.stringify(name)}:${toJson({ kind: 'dynamic' }, each, lose)}`);
      }
      return `{${parts.join(',')}}`;
    }
    case 'bytes': {
      const text = Buffer.from(inner as Uint8Array).toString('base64');
      lose('bytes_as_json_text', valueText(inner), text);
      return JSON.stringify(text);
    }
    default: {
      const text = typeof inner === 'string' ? inner : valueText(inner);
      lose(`${source.type.kind}_as_json_text`, text, JSON.stringify(text));
      return JSON.stringify(text);
    }
  }
}

function numberToJson(kind: 'float32' | 'float64' | 'decimal', value: number | string, lose: Lose): string {
  const text = Object.is(value, -0) ? '-0' : String(value);
  if (/^-?\d/.test(text)) return text;
  lose(`${kind}_as_json_text`, text, JSON.stringify(text));
  return JSON.stringify(text);
}
