import { PolyshiftError } from '@polyshift/core';
import { type Collection, getCollection } from '../collection/collection.ts';
import type { Store } from '../store.ts';
import { type CollectionMeta, metaOf } from './collection-meta.ts';
import { type FieldTypes, fieldTypes } from './field-types.ts';

/** What must be known of a collection to read and write its documents. */
export interface CollectionTypes extends CollectionMeta {
  readonly fields: FieldTypes;
}

/** The mappings of collections as they were last read. */
export class MappingCache {
  private readonly known = new Map<string, CollectionTypes>();

  /** Reads the mapping of a collection. Throws UNKNOWN_COLLECTION. */
  async open(store: Store, name: string): Promise<CollectionTypes> {
    return this.learn(await getCollection(store, name));
  }

  /** Takes the mapping of a collection that was read already. */
  learn({ name, indices }: Collection): CollectionTypes {
    const fields = new Map(indices.flatMap(({ mappings }) => [...fieldTypes(mappings)]));
    const types = { fields, ...metaOf(indices[0]!.mappings) };
    this.known.set(name, types);
    return types;
  }

  /** The mapping of a collection that was opened. */
  of(name: string): CollectionTypes {
    const found = this.known.get(name);
    if (found) return found;
    throw new PolyshiftError('INTERNAL', `the mapping of ${name} was asked for before it was read`);
  }
}
