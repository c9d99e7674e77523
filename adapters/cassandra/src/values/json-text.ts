import { dynamicType, jsonOf, type PortableType, type PortableValue, scalarText, Tagged } from '@polyshift/core';
import type { Lose } from './losses.ts';

/**
 * A portable value as JSON text with numbers of any size; what JSON has no form for becomes its text, which is counted as the loss
 * `json_text`. JSON itself is kept to the letter.
 */
export function jsonText(type: PortableType, value: PortableValue, lose: Lose): string {
  if (value === null) return 'null';
  if (value instanceof Tagged) return jsonText(value.type, value.value, lose);
  switch (type.kind) {
    case 'dynamic': {
      const own = dynamicType(value);
      return own === undefined ? 'null' : jsonText(own, value, lose);
    }
    case 'json':
      return value as string;
    case 'boolean':
    case 'int16':
    case 'int32':
    case 'int64':
      return String(value);
    case 'float32':
    case 'float64':
    case 'decimal': {
      const text = Object.is(value, -0) ? '-0' : String(value);
      return /^-?\d/.test(text) ? text : asText(text, lose);
    }
    case 'text':
    case 'enum':
      return JSON.stringify(value);
    case 'array': {
      const of = (each: PortableValue): PortableType => (Array.isArray(each) && type.of.kind !== 'array' ? type : type.of);
      return `[${(value as PortableValue[]).map((each) => jsonText(of(each), each, lose)).join(',')}]`;
    }
    case 'document':
      return `{${[...(value as Map<string, PortableValue>)]
        .map(([name, inner]) => `${JSON.stringify(name)}:${jsonText({ kind: 'dynamic' }, inner, lose)}`)
        .join(',')}}`;
    case 'range': {
      const parts = JSON.stringify(jsonOf(type, value));
      lose('json_text', 'a range', parts);
      return parts;
    }
    default:
      return asText(scalarText(type, value)!, lose);
  }
}

function asText(text: string, lose: Lose): string {
  const json = JSON.stringify(text);
  lose('json_text', text, json);
  return json;
}
