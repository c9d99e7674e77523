import type { DocumentBatch, PortableValue } from '@polyshift/core';
import type { JsonNode } from '../json/node.ts';
import { nodeAt } from '../json/path.ts';
import type { CollectionTypes } from '../mapping/mapping-cache.ts';
import { decodeAt, decodeFields } from '../values/decode.ts';
import type { StoredDocument } from './document.ts';

/** The form of Elasticsearch's documents in batches. */
export const documentForm = 'elasticsearch_document';

/** A value inside of a document, with its path: the mapping tells its type. */
export interface RawValue {
  readonly node: JsonNode;
  readonly path: string;
}

/** Documents as a batch; the `_id` is one of their fields where it is the key of the collection. */
export function documentBatch(types: CollectionTypes, documents: readonly StoredDocument[]): DocumentBatch {
  const withId = types.key[0] === '_id';
  return {
    kind: 'documents',
    form: documentForm,
    documents,
    decode(raw) {
      const document = raw as StoredDocument;
      const fields = decodeFields(document.fields, types.fields);
      return withId ? new Map<string, PortableValue>([['_id', document.id], ...fields]) : fields;
    },
    get(raw, path): RawValue | null | undefined {
      const document = raw as StoredDocument;
      if (path === '_id') return { node: document.id, path };
      const node = nodeAt(document.fields, path);
      return node === null || node === undefined ? node : { node, path };
    },
    decodeValue(raw) {
      const { node, path } = raw as RawValue;
      return decodeAt(node, types.fields, path);
    },
  };
}
