import { type JsonObject, PolyshiftError, type PortableType, portableTypeOf, type TypeReference } from '@polyshift/core';
import { mappingFor } from '../types.ts';
import { portableTypeOfField } from './field-types.ts';

/**
 * The mapping of a field whose type a user has named: a portable type, a field type of Elasticsearch (`keyword`), or its part of a mapping as JSON text
 * (`{"type":"scaled_float","scaling_factor":100}`). Throws INVALID_DOCUMENT.
 */
export function definitionOfType(reference: TypeReference): JsonObject {
  const portable = portableTypeOf(reference);
  if (portable) return mappingFor(portable);
  const text = reference as string;
  if (!text.trimStart().startsWith('{')) return { type: text };
  try {
    return JSON.parse(text) as JsonObject;
  } catch (cause) {
    throw new PolyshiftError('INVALID_DOCUMENT', `${text} is no part of a mapping: ${(cause as Error).message}`, { cause });
  }
}

/** The portable type of the values of such a field. */
export function portableTypeOfReference(reference: TypeReference): PortableType {
  return portableTypeOf(reference) ?? portableTypeOfField(definitionOfType(reference));
}
