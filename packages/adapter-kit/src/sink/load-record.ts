import type { JsonObject, JsonValue } from '@polyshift/core';
import { rowHash } from '../change/content.ts';
import { keyText } from '../change/key-text.ts';
import { sameRow } from '../change/row-difference.ts';
import type { AsideEntry, RawRow, RowCodec, RowKey } from '../row-store.ts';

/** What a load into a filled target keeps of one row, before it is written. */
export interface LoadRecord<Raw> {
  readonly key: RowKey;
  /** The row that is replaced; undefined where there was none. */
  readonly before: RawRow<Raw> | undefined;
  /** The hash of the row as it is written: what has another one was written by somebody else since. */
  readonly written: string;
}

/** A record as an entry aside. */
export function recordEntry<Raw>(
  codec: RowCodec<Raw>,
  key: RowKey,
  row: RawRow<Raw>,
  before: RawRow<Raw> | undefined,
): AsideEntry {
  const value: JsonObject = { key, written: rowHash(codec, row) };
  if (before) value['before'] = [...before].map(([field, raw]) => [field, codec.toJson(raw)]);
  return { key: keyText(key), value };
}

/** The way back from {@link recordEntry}. */
export function readRecord<Raw>(codec: RowCodec<Raw>, value: JsonValue): LoadRecord<Raw> {
  const { key, written, before } = value as { key: RowKey; written: string; before?: [string, JsonValue][] };
  return { key, written, before: before && new Map(before.map(([field, json]) => [field, codec.fromJson(json)])) };
}

/** Whether a row is what the load has written. */
export function isWritten<Raw>(codec: RowCodec<Raw>, record: LoadRecord<Raw>, row: RawRow<Raw>): boolean {
  return rowHash(codec, row) === record.written;
}

/** Whether a row is what was there before the load. */
export function isBefore<Raw>(codec: RowCodec<Raw>, record: LoadRecord<Raw>, row: RawRow<Raw>): boolean {
  return record.before !== undefined && sameRow(codec, record.before, row);
}
