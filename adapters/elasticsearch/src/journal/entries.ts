import { createHash } from 'node:crypto';
import type { JsonObject, JsonValue } from '@polyshift/core';
import { request } from '../http/request.ts';
import type { Store } from '../store.ts';

/** The longest `_id` that Elasticsearch takes is 512 bytes. */
const longestId = 500;

/** Entries in one page of a list. */
const pageSize = 1000;

/** An entry of the journal as it is stored. */
export interface Entry extends JsonObject {
  kind: string;
  key: string;
  /** The record, as JSON text. */
  record: string;
}

/** The `_id` of an entry: its parts, or their hash where they are too long. */
export function entryId(...parts: readonly string[]): string {
  const id = parts.join(':');
  return Buffer.byteLength(id) <= longestId
    ? id
    : `${parts[0]}:#${createHash('sha256').update(JSON.stringify(parts)).digest('hex')}`;
}

/** One entry as it was written last; undefined where it, or the index, is not there. */
export async function getEntry<Stored = Entry>(store: Store, index: string, id: string): Promise<Stored | undefined> {
  const found = await request<{ _source?: Stored }>(store, 'GET', [index, '_doc', id], { accepted: [404] });
  return found._source;
}

interface Found {
  readonly hits: { readonly hits: { readonly _source: Entry; readonly sort: JsonValue[] }[] };
}

/** Entries that meet filters, in the order of their keys, behind one of them. None where the index is not there. */
export async function listEntries(
  store: Store,
  index: string,
  filter: readonly JsonObject[],
  options: { after?: string | undefined; limit?: number } = {},
): Promise<Entry[]> {
  const refreshed = await request<{ status?: number }>(store, 'POST', [index, '_refresh'], { accepted: [404, 403] });
  if (refreshed.status === 404) return [];
  const limit = options.limit ?? Number.POSITIVE_INFINITY;
  const found: Entry[] = [];
  let after: JsonValue | undefined = options.after;
  while (found.length < limit) {
    const size = Math.min(pageSize, limit - found.length);
    const answer: Found = await request<Found>(store, 'POST', [index, '_search'], {
      body: {
        size,
        query: { bool: { filter: [...filter] } },
        sort: [{ key: 'asc' }],
        track_total_hits: false,
        ...(after === undefined ? {} : { search_after: [after] }),
      },
      query: { allow_partial_search_results: false },
    });
    const { hits } = answer.hits;
    found.push(...hits.map(({ _source }) => _source));
    if (hits.length < size) break;
    after = hits.at(-1)!.sort[0]!;
  }
  return found;
}

/** A filter for one value of a field. */
export function isEqual(field: string, value: string): JsonObject {
  return { term: { [field]: value } };
}
