import type { JsonFields, JsonNode } from './node.ts';

/**
 * The node at a dotted path, undefined where it is missing. A field whose own name has the dots in it (`{"address.city": ...}`) comes first: to
 * Elasticsearch both are the same field.
 */
export function nodeAt(fields: JsonFields, path: string): JsonNode | undefined {
  const own = fields.get(path);
  if (own !== undefined) return own;
  for (let dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
    const inner = fields.get(path.slice(0, dot));
    if (inner instanceof Map) {
      const found = nodeAt(inner, path.slice(dot + 1));
      if (found !== undefined) return found;
    }
  }
  return undefined;
}
