import type { FieldSchema, JsonObject, JsonValue, PortableType } from '@polyshift/core';
import { ownValue } from '@polyshift/core';

/** BSON type aliases of $jsonSchema as portable types. */
const byAlias: Readonly<Record<string, PortableType>> = {
  array: { kind: 'array', of: { kind: 'dynamic' } },
  binData: { kind: 'bytes' },
  bool: { kind: 'boolean' },
  boolean: { kind: 'boolean' },
  date: { kind: 'timestamptz' },
  decimal: { kind: 'decimal' },
  double: { kind: 'float64' },
  int: { kind: 'int32' },
  long: { kind: 'int64' },
  object: { kind: 'document' },
  objectId: { kind: 'object_id' },
  string: { kind: 'text' },
};

/** The fields that a $jsonSchema names at its top level, in its order, with their types where they have exactly one. */
export function schemaFields(schema: JsonObject): FieldSchema[] {
  const properties = (schema['properties'] ?? {}) as Record<string, JsonObject>;
  const required = (schema['required'] ?? []) as string[];
  const names = [...new Set([...Object.keys(properties), ...required])];
  return names.map((name) => {
    const property = ownValue(properties, name);
    const types = typesOf(property?.['bsonType'] ?? property?.['type']);
    const single = types.filter((type) => type !== 'null');
    return {
      name,
      type: (single.length === 1 && byAlias[single[0]!]) || { kind: 'dynamic' },
      native: types.join(' or ') || 'any',
      nullable: !required.includes(name) || types.length === 0 || types.includes('null'),
    };
  });
}

function typesOf(value: JsonValue | undefined): string[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value.map(String) : [String(value)];
}
