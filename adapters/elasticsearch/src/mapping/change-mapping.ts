import type { JsonObject } from '@polyshift/core';
import { ownValue } from '@polyshift/core';

type Properties = Readonly<Record<string, JsonObject>>;

/** A mapping in which a field has another last part of its name, or the definition that a function gives; without it where that is undefined. */
export function changedMapping(
  mappings: JsonObject,
  path: string,
  change: (name: string, definition: JsonObject) => readonly [string, JsonObject] | undefined,
): JsonObject {
  const properties = mappings['properties'] as Properties | undefined;
  if (!properties) return mappings;
  const entries = Object.entries(properties).flatMap(([name, definition]): (readonly [string, JsonObject])[] => {
    if (name === path) {
      const changed = change(name, definition);
      return changed ? [changed] : [];
    }
    return path.startsWith(`${name}.`)
      ? [[name, changedMapping(definition, path.slice(name.length + 1), change)]]
      : [[name, definition]];
  });
  return { ...mappings, properties: Object.fromEntries(entries) };
}

/** A mapping with a field that it did not have; objects on the way are made. */
export function extendedMapping(mappings: JsonObject, path: string, definition: JsonObject): JsonObject {
  const properties = (mappings['properties'] ?? {}) as Properties;
  const [first, ...rest] = path.split('.');
  const inner = rest.length === 0 ? definition : extendedMapping(ownValue(properties, first!) ?? {}, rest.join('.'), definition);
  return { ...mappings, properties: { ...properties, [first!]: inner } };
}

/** The part of a mapping that a request names to add one field. */
export function mappingOfField(path: string, definition: JsonObject): JsonObject {
  return extendedMapping({}, path, definition);
}
