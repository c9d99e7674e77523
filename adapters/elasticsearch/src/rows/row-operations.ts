import { enforcedViolations, type RowOperations, type RowStore, type StoredValidation } from '@polyshift/adapter-kit';
import { PolyshiftError, type PortableDocument } from '@polyshift/core';
import { findCollection, onlyIndex } from '../collection/collection.ts';
import { isOwnName, nameOf } from '../collection/names.ts';
import { StoredDocument } from '../documents/document.ts';
import type { JsonFields } from '../json/node.ts';
import { nativeForValues } from '../mapping/field-types.ts';
import type { CollectionTypes } from '../mapping/mapping-cache.ts';
import { documentId } from '../sink/document-id.ts';
import type { Store } from '../store.ts';
import { encodeValue } from '../values/encode.ts';
import type { RawField } from './raw-field.ts';
import { rowOf } from './raw-field.ts';

/** A compiled validation schema. */
export type Violations = (document: PortableDocument) => readonly string[];

const compiled = new WeakMap<CollectionTypes, Violations | undefined>();

/** The enforced validation schema of a collection; undefined where it has none that refuses. */
export function violationsOf(types: CollectionTypes): Violations | undefined {
  if (!compiled.has(types)) compiled.set(types, enforcedViolations(types.validation as StoredValidation | undefined));
  return compiled.get(types);
}

/** What the operations over rows need to know of Elasticsearch. */
export function rowOperations(store: Store, rows: RowStore<RawField>): RowOperations<RawField> {
  return {
    store: rows,
    noun: 'document',

    async keyOf(collection) {
      if (isOwnName(store, nameOf(store, collection))) return undefined;
      const found = await findCollection(store, collection);
      if (!found) return undefined;
      onlyIndex(found);
      return store.mappings.learn(found).key;
    },

    statement(collection, action) {
      const target = { _index: store.prefix + collection, _id: '?' };
      if (action.kind === 'insert') return JSON.stringify([{ create: target }, '?']);
      return JSON.stringify([
        { index: { ...target, if_seq_no: '?', if_primary_term: '?' } },
        { [action.kind]: action.kind === 'rename' ? { [action.from]: action.to } : action.fields },
      ]);
    },

    build(collection, document) {
      const { key, fields: types } = store.mappings.of(collection);
      const fields: JsonFields = new Map();
      for (const [name, value] of document) {
        const refuse = (loss: string, from: string): never => {
          throw new PolyshiftError('CONVERSION_FAILED', `${name}: Elasticsearch cannot hold ${from} (${loss})`);
        };
        fields.set(name, encodeValue({ kind: 'dynamic' }, value, refuse, nativeForValues(types.get(name))));
      }
      let id: string;
      try {
        id = documentId(
          key,
          key.map((name) => fields.get(name)),
        );
      } catch (cause) {
        throw new PolyshiftError('INVALID_DOCUMENT', `a document of ${collection}: ${(cause as Error).message}`, { cause });
      }
      fields.delete('_id');
      return { key: id, row: rowOf(StoredDocument.of(id, fields), key[0] === '_id') };
    },

    async open(collection) {
      await store.mappings.open(store, collection);
    },

    violations: (collection, document) => violationsOf(store.mappings.of(collection))?.(document) ?? [],
  };
}
