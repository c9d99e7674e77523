import { requestText } from '../http/request.ts';
import { type Answer, parseAnswer, type RawJson } from '../json/parse.ts';
import type { Store } from '../store.ts';
import { StoredDocument, type VersionedDocument } from './document.ts';

/** Documents in one request. */
const perRequest = 1000;

/** What a document is found by. */
export interface DocumentKey {
  readonly id: string;
  readonly routing?: string | undefined;
}

/** The documents that have these ids, as they were written last, whether searches see them or not; missing ones are left out. */
export async function getDocuments(store: Store, index: string, keys: readonly DocumentKey[]): Promise<VersionedDocument[]> {
  const found: VersionedDocument[] = [];
  for (let from = 0; from < keys.length; from += perRequest) {
    const docs = keys
      .slice(from, from + perRequest)
      .map(({ id, routing }) => ({ _id: id, ...(routing === undefined ? {} : { routing }) }));
    const text = await requestText(store, [index, '_mget'], { body: { docs } });
    for (const doc of parseAnswer(text, '_source')['docs'] as Answer[]) if (doc['found']) found.push(versionedDocument(doc));
  }
  return found;
}

/** A hit of a search or a get. */
export function versionedDocument(hit: Answer): VersionedDocument {
  const document = new StoredDocument(
    hit['_id'] as string,
    (hit['_source'] as RawJson).text,
    hit['_routing'] as string | undefined,
  );
  return { document, seq_no: hit['_seq_no'] as number, primary_term: hit['_primary_term'] as number };
}
