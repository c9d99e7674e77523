import { type PortableType, simpleKinds, typeText } from '@polyshift/core';

/** The name under which a field's mapping keeps its portable type, in the `meta` that Elasticsearch has for such things. */
export const typeMeta = 'polyshift';

/** The longest value that `meta` takes. */
const longest = 50;

/** The `meta` that keeps a portable type; none where its text is too long, or does not say the type. */
export function metaOf(type: PortableType): { meta?: Record<string, string> } {
  const text = typeText(type);
  return text.length <= longest && parseTypeText(text) !== undefined ? { meta: { [typeMeta]: text } } : {};
}

/** The portable type that a text of {@link typeText} names; undefined for an enum, whose values would be needed, and for anything else. */
export function parseTypeText(text: string): PortableType | undefined {
  if ((simpleKinds as readonly string[]).includes(text)) return { kind: text } as PortableType;
  const nested = /^(array|range) of (.+)$/.exec(text);
  if (nested) {
    const of = parseTypeText(nested[2]!);
    return of && { kind: nested[1] as 'array' | 'range', of };
  }
  const decimal = /^decimal\((\d+),(-?\d+)\)$/.exec(text);
  if (decimal) return { kind: 'decimal', precision: Number(decimal[1]), scale: Number(decimal[2]) };
  const limited = /^text\((\d+)\)$/.exec(text);
  if (limited) return { kind: 'text', max_length: Number(limited[1]) };
  return undefined;
}
