import { type StoredValidation, storedValidation, type ValidationStore } from '@polyshift/adapter-kit';
import type { JsonObject, JsonValue } from '@polyshift/core';
import { getCollection, onlyIndex } from '../collection/collection.ts';
import { request } from '../http/request.ts';
import { changedMeta, metaOf } from '../mapping/collection-meta.ts';
import { fieldTypes } from '../mapping/field-types.ts';
import type { Store } from '../store.ts';
import type { Parts } from './parts.ts';

/** The handlers of both operations on validation schemas. */
export function validationHandlers({ store, operations }: Parts) {
  return storedValidation(operations, validationStore(store));
}

/** Validation schemas in the `_meta` of the mapping. What the server can enforce of one (no unknown fields), it is told to. */
function validationStore(store: Store): ValidationStore {
  return {
    async read(collection) {
      const { mappings } = onlyIndex(await getCollection(store, collection));
      return (metaOf(mappings).validation as StoredValidation | undefined) ?? null;
    },

    async write(collection, validation) {
      const { index, mappings } = onlyIndex(await getCollection(store, collection));
      const meta = mappings['_meta'] as JsonObject | undefined;
      const kept = (meta?.['polyshift'] as JsonObject | undefined)?.['dynamic'];
      // What the mapping said before polyshift made it strict.
      const before: JsonValue = kept ?? mappings['dynamic'] ?? 'true';
      const strict = validation !== null && isStrict(validation, mappings);
      const _meta = changedMeta(mappings, { validation: validation ?? undefined, dynamic: strict ? before : undefined });
      await request(store, 'PUT', [index, '_mapping'], { body: { _meta, dynamic: strict ? 'strict' : before } });
    },
  };
}

/** Whether the server itself can refuse what the schema does not name: only where the mapping names all that the schema does. */
function isStrict({ schema, level, action }: StoredValidation, mappings: JsonObject): boolean {
  if (schema['additionalProperties'] !== false || level !== 'strict' || action !== 'error') return false;
  const mapped = fieldTypes(mappings);
  return Object.keys((schema['properties'] ?? {}) as JsonObject).every((name) => name === '_id' || mapped.has(name));
}
