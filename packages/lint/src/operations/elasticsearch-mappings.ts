import type { Operation } from '@polyshift/core';

type Json = Readonly<Record<string, unknown>>;

/** The mappings that an operation gives new indices; undefined where it gives none. */
export function mappingsOf(operation: Operation): Json | undefined {
  const holder =
    operation.type === 'put_template'
      ? operation.data.template
      : operation.type === 'create_collection'
        ? operation.data.options
        : {};
  return holder?.['mappings'] as Json | undefined;
}

/** The settings that an operation sets. */
export function settingsOf(operation: Operation): Json {
  if (operation.type === 'alter_options') return operation.data.options;
  const holder =
    operation.type === 'put_template'
      ? operation.data.template
      : operation.type === 'create_collection'
        ? operation.data.options
        : {};
  const settings = (holder?.['settings'] ?? {}) as Json;
  return { ...settings, ...((settings['index'] ?? {}) as Json) };
}

/** The fields that an operation maps, those of objects included. */
export function mappedFields(operation: Operation): { path: string; field: Json }[] {
  const found: { path: string; field: Json }[] = [];
  const visit = (properties: Json, prefix: string) => {
    for (const [name, value] of Object.entries(properties)) {
      const field = value as Json;
      found.push({ path: `${prefix}${name}`, field });
      if (field['properties']) visit(field['properties'] as Json, `${prefix}${name}.`);
    }
  };
  visit((mappingsOf(operation)?.['properties'] ?? {}) as Json, '');
  return found;
}
