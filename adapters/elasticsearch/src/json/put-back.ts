import { ConversionError } from '@polyshift/core';
import { withField } from './change-at.ts';
import type { JsonFields, JsonNode } from './node.ts';

/**
 * The fields with what an older form of them has at a path and they lack, in the place that it had there. What the application has written at the path
 * since stays. Throws ConversionError where the path leads through arrays whose objects cannot be told apart any more.
 */
export function putBackAt(fields: JsonFields, old: JsonFields, path: string): JsonFields {
  let result = fields;
  const lost = old.get(path);
  if (lost !== undefined && !fields.has(path)) result = inserted(result, path, lost, [...old.keys()].indexOf(path));
  for (let dot = path.indexOf('.'); dot > 0; dot = path.indexOf('.', dot + 1)) {
    const parent = path.slice(0, dot);
    const [inner, before] = [result.get(parent), old.get(parent)];
    if (inner === undefined || before === undefined) continue;
    const changed = putBackInside(inner, before, path.slice(dot + 1));
    if (changed !== inner) result = withField(result, parent, changed);
  }
  return result;
}

function putBackInside(node: JsonNode, old: JsonNode, path: string): JsonNode {
  if (node instanceof Map && old instanceof Map) return putBackAt(node, old, path);
  if (!Array.isArray(old) || !old.some((each) => typeof each === 'object')) return node;
  if (!Array.isArray(node) || node.length !== old.length)
    throw new ConversionError('the array that the field was in has changed');
  const changed = node.map((each, index) => putBackInside(each, old[index]!, path));
  return changed.some((each, index) => each !== node[index]) ? changed : node;
}

function inserted(fields: JsonFields, name: string, node: JsonNode, at: number): JsonFields {
  const entries = [...fields];
  entries.splice(Math.min(at, entries.length), 0, [name, node]);
  return new Map(entries);
}
