import type { JsonFields, JsonNode } from './node.ts';

/** Changes the fields of one object in which the last part of a path is; gives the same back where there is nothing to change. */
export type FieldsChange = (fields: JsonFields, name: string) => JsonFields;

/**
 * Changes a document everywhere that a dotted path leads to: a field of that very name, fields inside of objects, and inside of each object of an
 * array, since Elasticsearch takes all of them for the same field. Gives the same map back where nothing was changed.
 */
export function changeAt(fields: JsonFields, path: string, change: FieldsChange): JsonFields {
  let result = fields.has(path) ? change(fields, path) : fields;
  for (let dot = path.indexOf('.'); dot > 0; dot = path.indexOf('.', dot + 1)) {
    const parent = path.slice(0, dot);
    const inner = result.get(parent);
    if (inner === undefined || inner === null || typeof inner !== 'object') continue;
    const changed = changeInside(inner, path.slice(dot + 1), change);
    if (changed !== inner) result = withField(result, parent, changed);
  }
  return result;
}

/** The fields with another value for one of them, in its place. */
export function withField(fields: JsonFields, name: string, node: JsonNode): JsonFields {
  return new Map([...fields].map(([field, old]) => [field, field === name ? node : old]));
}

function changeInside(node: JsonNode, path: string, change: FieldsChange): JsonNode {
  if (node instanceof Map) return changeAt(node, path, change);
  if (!Array.isArray(node)) return node;
  const changed = node.map((each) => changeInside(each, path, change));
  return changed.some((each, index) => each !== node[index]) ? changed : node;
}
