import { canonicalText, type PortableRange, type PortableType, type PortableValue, Tagged } from '@polyshift/core';

/**
 * Whether a store gave back the value that it was given. It may hold it in another type, as long as nothing of it is gone: a time as its
 * text, a date as the instant of its midnight in UTC, JSON as a document and the other way round, a range as its parts.
 */
export function sameValue(type: PortableType, value: PortableValue, backType: PortableType, back: PortableValue): boolean {
  if (canonicalText(type, value) === canonicalText(backType, back)) return true;
  if (value === null || back === null) return false;
  const plain = back instanceof Tagged ? back.value : back;
  if (typeof value === 'string' && typeof plain === 'string') {
    // JSON that is a text alone may come back as that text.
    if (type.kind === 'json' && jsonForm(value) === JSON.stringify(plain)) return true;
    if (type.kind === 'json' || type.kind === 'document') return jsonForm(value) === jsonForm(plain);
    return [value, `${value}Z`, `${value}T00:00:00Z`, `${value}T00:00:00`].includes(plain);
  }
  if (type.kind === 'json') return jsonForm(value as string) === jsonForm(jsonText(back));
  if (type.kind === 'range' && plain instanceof Map)
    return jsonForm(rangeText(value as PortableRange)) === jsonForm(jsonText(plain));
  if (typeof plain === 'string')
    return jsonForm(plain) === jsonForm(type.kind === 'range' ? rangeText(value as PortableRange) : jsonText(value));
  return false;
}

/** JSON text without white space, with numbers in their shortest form; the order of keys stays. */
function jsonForm(text: string): string {
  return (text.match(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[^\s]/g) ?? [])
    .map((token) =>
      /^-?\d+\.\d*?0+$/.test(token)
        ? token.replace(/\.?0+$/, '')
        : token.startsWith('"')
          ? JSON.stringify(JSON.parse(token))
          : token,
    )
    .join('');
}

/** JSON text of a dynamic value, with numbers of any size. */
function jsonText(value: PortableValue): string {
  if (value instanceof Tagged)
    return value.type.kind === 'decimal' || value.type.kind === 'float64' ? String(value.value) : jsonText(value.value);
  if (value instanceof Map)
    return `{${[...value].map(([name, inner]) => `${JSON.stringify(name)}:${jsonText(inner)}`).join(',')}}`;
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`;
  return typeof value === 'bigint' || typeof value === 'number' ? String(value) : JSON.stringify(value);
}

function rangeText(range: PortableRange): string {
  if (range.empty) return '{"empty":true}';
  return jsonText(
    new Map<string, PortableValue>([
      ['lower', range.lower],
      ['upper', range.upper],
      ['lower_inclusive', range.lower_inclusive],
      ['upper_inclusive', range.upper_inclusive],
    ]),
  );
}
