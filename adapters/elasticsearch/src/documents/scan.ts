import type { JsonObject } from '@polyshift/core';
import { hasType } from '../errors.ts';
import { request, requestText } from '../http/request.ts';
import { type Answer, parseAnswer } from '../json/parse.ts';
import type { Store } from '../store.ts';
import type { VersionedDocument } from './document.ts';
import { versionedDocument } from './get.ts';

/** How long a snapshot is kept between two pages. */
const keepAlive = '5m';

/** The most documents that one page of a search may have, where the index does not say otherwise. */
const maxPage = 10_000;

/** A place in a scan: documents are read shard by shard, in each in the order in which they were written last. */
export interface ScanPosition {
  readonly shard: number;
  /** The sequence number that the shard gave to the last write of a document. */
  readonly seq_no: number;
}

/** What to read of an index. */
export interface IndexScan {
  readonly index: string;
  /** Its primary shards. */
  readonly shards: number;
  /** Documents of a page, at most. */
  readonly page: number;
  /** Documents that may come, about: decides whether a snapshot is opened at once. */
  readonly expected?: number | undefined;
  readonly query?: JsonObject | undefined;
  /** A part of the documents by the hash of their ids, which is the same in every process and at any time. */
  readonly slice?: { readonly id: number; readonly max: number } | undefined;
  readonly after?: ScanPosition | undefined;
  /** Only the shard of `after`, not those behind it. */
  readonly oneShard?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** A page of a scan. */
export interface ScanPage {
  readonly documents: readonly VersionedDocument[];
  readonly last: ScanPosition;
}

/**
 * Reads an index from a snapshot (a point in time; one page needs none). The order is that of sequence numbers, which every index has: ids cannot be
 * sorted by, and the order inside of a snapshot means nothing to the next one. So a scan can go on in another process: a document that was
 * written in between has a later number and comes (again, with what was written), none is missed.
 */
export async function* scanIndex(store: Store, scan: IndexScan): AsyncGenerator<ScanPage> {
  for (let shard = scan.after?.shard ?? 0; shard < scan.shards; shard++) {
    yield* scanShard(store, scan, shard, shard === scan.after?.shard ? scan.after.seq_no : -1);
    if (scan.oneShard) return;
  }
}

async function* scanShard(store: Store, scan: IndexScan, shard: number, from: number): AsyncGenerator<ScanPage> {
  const page = Math.min(scan.page, maxPage);
  const snapshot = new Snapshot(store, scan, shard);
  let after = from;
  try {
    // Slices exist only in snapshots.
    if (scan.slice || (scan.expected ?? 0) >= page) await snapshot.open();
    for (;;) {
      scan.signal?.throwIfAborted();
      const documents = await snapshot.read(after, page);
      if (documents.length >= page && !snapshot.isOpen) {
        // More than one page after all: read it again from a snapshot, so that all pages are of one moment.
        await snapshot.open();
        continue;
      }
      if (documents.length === 0) return;
      after = documents.at(-1)!.seq_no;
      yield { documents, last: { shard, seq_no: after } };
      if (documents.length < page) return;
    }
  } finally {
    await snapshot.close();
  }
}

/** One moment of one shard, or, until it is opened, whatever is there at each search. */
class Snapshot {
  private id: string | undefined;
  private readonly store: Store;
  private readonly scan: IndexScan;
  private readonly shard: number;

  constructor(store: Store, scan: IndexScan, shard: number) {
    this.store = store;
    this.scan = scan;
    this.shard = shard;
  }

  get isOpen(): boolean {
    return this.id !== undefined;
  }

  async open(): Promise<void> {
    const opened = await request<{ id: string }>(this.store, 'POST', [this.scan.index, '_pit'], {
      query: { keep_alive: keepAlive, ...this.preference },
    });
    this.id = opened.id;
  }

  async read(after: number, size: number): Promise<VersionedDocument[]> {
    try {
      return await this.search(after, size);
    } catch (error) {
      // The snapshot was given up, by time or by a node that went away; a later one goes on where this one ended.
      if (!this.isOpen || !hasType(error, 'search_context_missing_exception', 'search_phase_execution_exception')) throw error;
      await this.open();
      return this.search(after, size);
    }
  }

  async close(): Promise<void> {
    if (this.id === undefined) return;
    const id = this.id;
    this.id = undefined;
    // It ends by itself, so a failure to end it early is none.
    await request(this.store, 'DELETE', ['_pit'], { body: { id }, accepted: [404] }).catch(() => undefined);
  }

  private get preference(): { preference?: string } {
    return this.scan.shards > 1 ? { preference: `_shards:${this.shard}` } : {};
  }

  private async search(after: number, size: number): Promise<VersionedDocument[]> {
    const { query, slice, index } = this.scan;
    const filter = [...(after < 0 ? [] : [{ range: { _seq_no: { gt: after } } }]), ...(query ? [query] : [])];
    const body: JsonObject = {
      size,
      // An index without a mapping has no such field yet, and no documents either.
      sort: [{ _seq_no: { order: 'asc', unmapped_type: 'long' } }],
      seq_no_primary_term: true,
      track_total_hits: false,
      ...(filter.length > 0 ? { query: { bool: { filter } } } : {}),
      ...(slice ? { slice: { field: '_id', ...slice } } : {}),
      ...(this.id === undefined ? {} : { pit: { id: this.id, keep_alive: keepAlive } }),
    };
    const text =
      this.id === undefined
        ? await requestText(this.store, [index, '_search'], {
            body,
            query: { ...this.preference, allow_partial_search_results: false },
          })
        : await requestText(this.store, ['_search'], { body, query: { allow_partial_search_results: false } });
    const answer = parseAnswer(text, '_source');
    if (typeof answer['pit_id'] === 'string') this.id = answer['pit_id'];
    return ((answer['hits'] as Answer)['hits'] as Answer[]).map(versionedDocument);
  }
}

/** Lets searches see all that was written. Who may only read may not ask for it, and sees it a second later, as everybody. */
export async function refresh(store: Store, index: string): Promise<void> {
  await request(store, 'POST', [index, '_refresh'], { accepted: [403] });
}
