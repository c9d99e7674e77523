import { jsonOf, type PortableType, type PortableValue } from '@polyshift/core';
import { cannotConvert, type Lose, type TypedValue, typed, type ValueEncoder, valueText } from './conversion.ts';
import { toServerJson } from './server-json.ts';

/**
 * JSON. Text of a JSON column is taken to the letter; documents, arrays and scalars are written as JSON, and what JSON has no form for
 * becomes text, which is named: `timestamptz_as_json_text`. MySQL's own type keeps neither the order of fields nor the form of numbers.
 */
export function jsonEncoder(rewrites: boolean): ValueEncoder {
  return (source, lose) => {
    const text = jsonText(source, lose);
    try {
      JSON.parse(text);
    } catch {
      throw cannotConvert(source, 'json', 'it is not valid JSON');
    }
    if (!rewrites) return text;
    const kept = toServerJson(text);
    if (kept.inexact) lose('json_number', text, kept.text);
    if (source.type.kind === 'json' ? spaceless(kept.text) !== spaceless(text) : kept.reordered) {
      lose(source.type.kind === 'json' ? 'json_letters' : 'field_order', text, kept.text);
    }
    return kept.text;
  };
}

function jsonText({ type, value }: TypedValue, lose: Lose): string {
  if (type.kind === 'json') return value as string;
  // A column of ranges holds their parts; inside a document they are no longer told apart from one.
  return type.kind === 'range' ? JSON.stringify(jsonOf(type, value)) : toJson(type, value, lose);
}

function spaceless(text: string): string {
  return text.replace(/("(?:[^"\\]|\\.)*")|\s+/g, '$1');
}

/** A portable value as JSON text. */
function toJson(type: PortableType, value: PortableValue, lose: Lose): string {
  if (value === null) return 'null';
  const source = typed(type, value);
  const inner = source.value;
  switch (source.type.kind) {
    case 'boolean':
    case 'int16':
    case 'int32':
    case 'int64':
      return String(inner);
    case 'float32':
    case 'float64':
    case 'decimal': {
      const text = Object.is(inner, -0) ? '-0' : String(inner);
      if (/^-?\d/.test(text)) return text;
      lose(`${source.type.kind}_as_json_text`, text, JSON.stringify(text));
      return JSON.stringify(text);
    }
    case 'text':
    case 'enum':
      return JSON.stringify(inner);
    case 'json':
      return inner as string;
    case 'array': {
      const of = source.type.of;
      return `[${(inner as PortableValue[])
        .map((each) => toJson(Array.isArray(each) && of.kind !== 'array' && of.kind !== 'dynamic' ? source.type : of, each, lose))
        .join(',')}]`;
    }
    case 'document': {
      const parts = [...(inner as Map<string, PortableValue>)].map(
        ([name, each]) => `${JSON.stringify(name)}:${toJson({ kind: 'dynamic' }, each, lose)}`,
      );
      return `{${parts.join(',')}}`;
    }
    case 'range': {
      const text = JSON.stringify(jsonOf(source.type, inner));
      lose('range_as_json_text', valueText(source), text);
      return text;
    }
    case 'bytes': {
      const text = Buffer.from(inner as Uint8Array).toString('base64');
      lose('bytes_as_json_text', valueText(source), text);
      return JSON.stringify(text);
    }
    default: {
      const text = String(inner);
      lose(`${source.type.kind}_as_json_text`, text, JSON.stringify(text));
      return JSON.stringify(text);
    }
  }
}
