import type { RejectedRow } from '@polyshift/core';
import { exactDocument, idOfDocument } from './bson/exact-value.ts';
import { toRelaxedJson } from './bson/json.ts';
import type { RawDocument } from './document-batch.ts';
import { measure } from './document-limits.ts';
import { classifyCode } from './errors.ts';
import type { Store } from './store.ts';
import { type DocumentError, insertDocuments } from './write-commands.ts';

/** Inserts all documents that can be; the errors of the others, by index. Throws what is not about single documents. */
export async function insertAll(
  store: Store,
  collection: string,
  documents: readonly RawDocument[],
): Promise<readonly DocumentError[]> {
  const sized = documents.map((document) => ({
    item: Buffer.isBuffer(document) ? exactDocument(document) : document,
    bytes: measure(document).bytes,
  }));
  return (await insertDocuments(store, collection, sized, {})).errors;
}

/** Why a document was not written. */
export function rejection(error: DocumentError, document: RawDocument): RejectedRow {
  const { code } = classifyCode(error.code);
  return { index: error.index, key: toRelaxedJson(idOfDocument(document)), code, message: error.errmsg };
}
