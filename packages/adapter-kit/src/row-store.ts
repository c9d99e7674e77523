import type { ErrorCode, JsonValue, PortableDocument, PortableType, PortableValue } from '@polyshift/core';

/**
 * A row as its store holds it: field to raw value, in the store's order; a field that is not there is not in the map. What a raw value is
 * belongs to the adapter (an AttributeValue, a Buffer, a bound column value). A store that keeps a row as one text (a JSON string) has one
 * field whose raw value is that text.
 */
export type RawRow<Raw> = ReadonlyMap<string, Raw>;

/** What identifies a row inside its collection: plain JSON, the same for the same row. */
export type RowKey = JsonValue;

/** A row with its key. */
export interface KeyedRow<Raw> {
  readonly key: RowKey;
  readonly row: RawRow<Raw>;
}

/** One change to a field of a row, in the words of operations. */
export type FieldEdit =
  /** `type` is the type to hold the value in where the store has several that could; the value is of that type, dynamic where missing. */
  | { readonly kind: 'set'; readonly field: string; readonly value: PortableValue; readonly type?: PortableType | undefined }
  | { readonly kind: 'unset'; readonly field: string }
  /** The raw value goes to the other name as it is. */
  | { readonly kind: 'rename'; readonly from: string; readonly to: string };

/** How raw rows are read, changed, compared and kept. All without I/O. */
export interface RowCodec<Raw> {
  /** The row as operations and conditions see it, fields of the key included; values are dynamic. */
  decode(collection: string, row: RawRow<Raw>): PortableDocument;
  /** The row with edits made to it and everything else as it was, to the bit. Throws CONVERSION_FAILED for a value that the store cannot hold. */
  edit(collection: string, row: RawRow<Raw>, edits: readonly FieldEdit[]): RawRow<Raw>;
  /** Whether two raw values are the same to the bit. */
  equal(left: Raw, right: Raw): boolean;
  /** A raw value as JSON, exactly, for what is kept aside. */
  toJson(raw: Raw): JsonValue;
  /** The way back from {@link toJson}. */
  fromJson(json: JsonValue): Raw;
  /** Where {@link toJson} keeps more than {@link equal} looks at (the place of a field): JSON that is the same for equal values. Default: toJson. */
  canonical?(raw: Raw): JsonValue;
}

/** A field before and after; undefined is a field that is not there. */
export interface FieldChange<Raw> {
  readonly field: string;
  readonly before: Raw | undefined;
  readonly after: Raw | undefined;
}

/** A write that happens only where the row still is what it was taken for. Each is atomic, and durable when its outcome is known. */
export type RowWrite<Raw> =
  /** Only where no row has the key. */
  | { readonly kind: 'insert'; readonly key: RowKey; readonly row: RawRow<Raw> }
  /** Only where the row is there and each of these fields is as `before` says; other fields are not looked at and stay. */
  | { readonly kind: 'change'; readonly key: RowKey; readonly fields: readonly FieldChange<Raw>[] }
  /** Only where each field of the row is as given and it has no other; the row is deleted. */
  | { readonly kind: 'remove'; readonly key: RowKey; readonly row: RawRow<Raw> };

/** Why one row could not be written, while its neighbours could. */
export interface RowFailure {
  readonly code: ErrorCode;
  readonly message: string;
}

/** `written`; `differs` where the condition of the write did not hold and nothing was written; or what the store has against this row. */
export type WriteOutcome = 'written' | 'differs' | RowFailure;

/** How to read a collection. */
export interface RowScan {
  /** Rows in a batch, at most. */
  readonly batch_size: number;
  /** The `last` of a batch that was dealt with: the scan goes on behind it. */
  readonly after?: JsonValue | undefined;
}

/** Rows as a scan gives them. */
export interface RowBatchOf<Raw> {
  readonly rows: readonly KeyedRow<Raw>[];
  /** Where to go on, for {@link RowScan.after}. */
  readonly last: JsonValue;
}

/**
 * What a store must give so that this package can change its rows in place, exactly once and with exact undo, on a store without
 * transactions and without a query language. All collections that exist may be named, those kept aside included.
 */
export interface RowStore<Raw> {
  readonly codec: RowCodec<Raw>;
  readonly aside: AsideStore;
  /** Every row once, in an order that stays the same while rows are changed (not inserted), from the beginning or behind `after`. */
  scan(collection: string, scan: RowScan): AsyncIterable<RowBatchOf<Raw>>;
  /** The rows that have these keys, in any order; missing ones are left out. Reads what was written last. */
  get(collection: string, keys: readonly RowKey[]): Promise<KeyedRow<Raw>[]>;
  /** Does each write whose condition holds; outcomes by position. Throws what is not about single rows, after retries of its own. */
  write(collection: string, writes: readonly RowWrite<Raw>[]): Promise<WriteOutcome[]>;
  /** Rows, exactly or from statistics, for progress; undefined where nobody knows. */
  approximateCount(collection: string): Promise<number | undefined>;
}

/** An entry that is kept aside. */
export interface AsideEntry {
  /** At most 2 KiB of text; unique under its name. */
  readonly key: string;
  readonly value: JsonValue;
}

/**
 * Where before-images and the like are kept in the migrated store itself, under names made of letters, digits and underscores. Out of
 * sight of `introspect`. Every write is durable when its promise resolves. An adapter splits values that are larger than its store allows.
 */
export interface AsideStore {
  /** Makes the place where it is missing. Idempotent. */
  ensure(name: string): Promise<void>;
  /** Keeps entries. With `keep` one that is there already stays as it is, with `replace` it is overwritten. */
  put(name: string, entries: readonly AsideEntry[], mode: 'keep' | 'replace'): Promise<void>;
  /** The entries that have these keys, by key; none where there is no such place. */
  get(name: string, keys: readonly string[]): Promise<Map<string, JsonValue>>;
  /** Entries in the order of their keys (any fixed order), behind `after`; at most `limit`. None where there is no such place. */
  list(name: string, after: string | undefined, limit: number): Promise<AsideEntry[]>;
  /** Deletes entries. Idempotent. */
  delete(name: string, keys: readonly string[]): Promise<void>;
  /** Deletes the place with all it holds. Idempotent. */
  drop(name: string): Promise<void>;
}
