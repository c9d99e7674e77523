import type { PortableType } from './portable-type.ts';
import { type PortableDocument, type PortableValue, Tagged } from './portable-value.ts';

/**
 * One text for each value, the same whatever store it came from: the ground of checksums and comparisons. Values that are equal as
 * values have equal texts (decimals without trailing zeros, all NaN alike), values that differ have different ones, types included
 * as far as stores can keep them apart: all integers share one form, so do all floats and decimals that are integers.
 */
export function canonicalText(type: PortableType, value: PortableValue): string {
  if (value === null) return 'n';
  if (value instanceof Tagged) return canonicalText(value.type, value.value);
  switch (type.kind) {
    case 'boolean':
      return value ? 't' : 'f';
    case 'int16':
    case 'int32':
    case 'int64':
      return `i${String(value)}`;
    case 'float32':
    case 'float64':
      return floatText(value as number);
    case 'decimal':
      return decimalText(value as string);
    case 'bytes':
      return `x${Buffer.from(value as Uint8Array).toString('base64')}`;
    case 'array':
      return `[${(value as PortableValue[])
        .map((element) =>
          canonicalText(
            Array.isArray(element) && type.of.kind !== 'array' && type.of.kind !== 'dynamic' ? type : type.of,
            element,
          ),
        )
        .join(',')}]`;
    case 'range': {
      const range = value as Exclude<
        PortableValue,
        null | boolean | number | bigint | string | Uint8Array | Tagged | PortableValue[] | PortableDocument
      >;
      if (range.empty) return 'r()';
      return `r${range.lower_inclusive ? '[' : '('}${canonicalText(type.of, range.lower)},${canonicalText(type.of, range.upper)}${range.upper_inclusive ? ']' : ')'}`;
    }
    case 'document':
      return documentText(value as PortableDocument);
    case 'dynamic':
      return dynamicText(value);
    case 'text':
    case 'enum':
      return `s${JSON.stringify(value)}`;
    default:
      return `${type.kind}${JSON.stringify(value)}`;
  }
}

/** The canonical text of a document; the order of its fields counts. */
export function documentText(document: PortableDocument): string {
  const parts: string[] = [];
  for (const [name, value] of document) parts.push(`${JSON.stringify(name)}:${dynamicText(value)}`);
  return `{${parts.join(',')}}`;
}

function dynamicText(value: PortableValue): string {
  if (value === null) return 'n';
  switch (typeof value) {
    case 'boolean':
      return value ? 't' : 'f';
    case 'string':
      return `s${JSON.stringify(value)}`;
    case 'number':
      return floatText(value);
    case 'bigint':
      return `i${value}`;
  }
  if (value instanceof Tagged) return canonicalText(value.type, value.value);
  if (value instanceof Uint8Array) return canonicalText({ kind: 'bytes' }, value);
  if (Array.isArray(value)) return `[${value.map(dynamicText).join(',')}]`;
  if (value instanceof Map) return documentText(value);
  return canonicalText({ kind: 'range', of: { kind: 'dynamic' } }, value);
}

function floatText(value: number): string {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return `i${value}`;
  if (Object.is(value, -0)) return 'd-0';
  return `d${value}`;
}

/** A decimal without leading and trailing zeros; an integral one has the form of an integer. */
function decimalText(text: string): string {
  const match = /^(-?)0*(\d*)(?:\.(\d*?)0*)?$/.exec(text);
  if (!match) return `d${text}`;
  const [, sign, whole, fraction] = match;
  if (!fraction) return whole ? `i${sign}${whole}` : 'i0';
  return `m${sign}${whole || '0'}.${fraction}`;
}
