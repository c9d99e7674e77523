import { canonicalText, dynamicType, type PortableRange, type PortableType, type PortableValue, Tagged } from '@polyshift/core';

/**
 * Whether a store gave back the value that it was given. It may hold it in another type, as long as nothing of it is gone: a time as its
 * text, a date as the instant of its midnight in UTC, JSON as a document and the other way round, a range as its parts; inside documents
 * and arrays too.
 */
export function sameValue(type: PortableType, value: PortableValue, backType: PortableType, back: PortableValue): boolean {
  if (value instanceof Tagged) return sameValue(value.type, value.value, backType, back);
  if (back instanceof Tagged) return sameValue(type, value, back.type, back.value);
  if (type.kind === 'dynamic') return sameDynamic(value, backType, back);
  if (canonicalText(type, value) === canonicalText(backType, back)) return true;
  if (value === null || back === null) return false;
  if (value instanceof Map && back instanceof Map) return sameFields(value, back);
  if (Array.isArray(value) && Array.isArray(back)) return sameElements(type, value, backType, back);
  if (typeof value === 'string' && typeof back === 'string') {
    // JSON that is a text alone may come back as that text, and a text as JSON.
    if (type.kind === 'json') return jsonForm(value) === jsonForm(back) || jsonForm(value) === JSON.stringify(back);
    if (backType.kind === 'json') return jsonForm(jsonText(new Tagged(type, value))) === jsonForm(back);
    return [value, `${value}Z`, `${value}T00:00:00Z`, `${value}T00:00:00`].includes(back);
  }
  if (type.kind === 'json') return jsonForm(value as string) === jsonForm(jsonText(back));
  if (type.kind === 'range' && back instanceof Map)
    return jsonForm(rangeText(value as PortableRange)) === jsonForm(jsonText(rangeParts(back)));
  if (typeof back === 'string')
    return jsonForm(back) === jsonForm(type.kind === 'range' ? rangeText(value as PortableRange) : jsonText(value));
  return false;
}

function sameFields(value: Map<string, PortableValue>, back: Map<string, PortableValue>): boolean {
  const fields = [...back];
  return (
    value.size === back.size &&
    [...value].every(
      ([name, inner], index) => fields[index]![0] === name && sameDynamic(inner, { kind: 'dynamic' }, fields[index]![1]),
    )
  );
}

function sameElements(type: PortableType, value: PortableValue[], backType: PortableType, back: PortableValue[]): boolean {
  const [of, backOf] = [elementType(type), elementType(backType)];
  return value.length === back.length && value.every((each, index) => sameValue(of, each, backOf, back[index]!));
}

function sameDynamic(value: PortableValue, backType: PortableType, back: PortableValue): boolean {
  const own = dynamicType(value);
  return own === undefined ? back === null : sameValue(own, value, backType, back);
}

/** The type of the elements; more dimensions are nested arrays of one type. */
function elementType(type: PortableType): PortableType {
  return type.kind === 'array' ? type.of : { kind: 'dynamic' };
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

/** The parts of a range in one order: a store that keeps none for the fields of a document has lost nothing of it. */
function rangeParts(document: Map<string, PortableValue>): Map<string, PortableValue> {
  const names = ['empty', 'lower', 'upper', 'lower_inclusive', 'upper_inclusive'];
  return new Map([...document].sort(([left], [right]) => names.indexOf(left) - names.indexOf(right)));
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
