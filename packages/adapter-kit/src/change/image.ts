import type { JsonObject, JsonValue } from '@polyshift/core';
import type { AsideEntry, AsideStore, FieldChange, KeyedRow, RawRow, RowCodec, RowKey } from '../row-store.ts';
import { keyText } from './key-text.ts';
import { fieldIs } from './row-difference.ts';

/**
 * What a change does to one row, kept aside before it is done: of a row that was there, each field that changes with its raw value before
 * and after; of a row that was not, the whole row.
 */
export interface Image<Raw> {
  readonly key: RowKey;
  readonly inserted: boolean;
  readonly fields: readonly FieldChange<Raw>[];
  /** Names the incoming row that it comes from, where rows are loaded. */
  readonly tag?: string | undefined;
}

/** The image of a row that is inserted. */
export function insertion<Raw>({ key, row }: KeyedRow<Raw>, tag?: string): Image<Raw> {
  return { key, inserted: true, fields: [...row].map(([field, after]) => ({ field, before: undefined, after })), tag };
}

/** The whole row of an image that is an insertion. */
export function insertedRow<Raw>(image: Image<Raw>): RawRow<Raw> {
  return new Map(image.fields.map(({ field, after }) => [field, after!]));
}

/** Whether each changed field of a row is as it was before (or after) the change. */
export function holds<Raw>(codec: RowCodec<Raw>, image: Image<Raw>, row: RawRow<Raw>, moment: 'before' | 'after'): boolean {
  if (image.inserted && (moment === 'before' || row.size !== image.fields.length)) return false;
  return image.fields.every((change) => fieldIs(codec, row, change.field, change[moment]));
}

/** Keeps images aside, durably. */
export async function keepImages<Raw>(
  aside: AsideStore,
  codec: RowCodec<Raw>,
  name: string,
  images: readonly Image<Raw>[],
  mode: 'keep' | 'replace',
): Promise<void> {
  if (images.length === 0) return;
  await aside.put(
    name,
    images.map((image) => ({ key: keyText(image.key), value: toJson(codec, image) })),
    mode,
  );
}

/** The images of the rows with these keys, by {@link keyText}. */
export async function imagesOf<Raw>(
  aside: AsideStore,
  codec: RowCodec<Raw>,
  name: string,
  keys: readonly RowKey[],
): Promise<Map<string, Image<Raw>>> {
  if (keys.length === 0) return new Map();
  const entries = await aside.get(name, keys.map(keyText));
  return new Map([...entries].map(([key, value]) => [key, fromJson(codec, value)]));
}

const pageSize = 500;

/** All images, in pages. */
export async function* imagePages<Raw>(aside: AsideStore, codec: RowCodec<Raw>, name: string): AsyncGenerator<Image<Raw>[]> {
  let after: string | undefined;
  for (;;) {
    const entries: AsideEntry[] = await aside.list(name, after, pageSize);
    if (entries.length === 0) return;
    after = entries.at(-1)!.key;
    yield entries.map(({ value }) => fromJson(codec, value));
    if (entries.length < pageSize) return;
  }
}

function toJson<Raw>(codec: RowCodec<Raw>, { key, inserted, fields, tag }: Image<Raw>): JsonObject {
  const wrap = (raw: Raw | undefined): JsonValue[] => (raw === undefined ? [] : [codec.toJson(raw)]);
  return {
    key,
    inserted,
    fields: fields.map(({ field, before, after }) => [field, wrap(before), wrap(after)]),
    ...(tag === undefined ? {} : { tag }),
  };
}

function fromJson<Raw>(codec: RowCodec<Raw>, json: JsonValue): Image<Raw> {
  const { key, inserted, fields, tag } = json as {
    key: RowKey;
    inserted: boolean;
    fields: [string, JsonValue[], JsonValue[]][];
    tag?: string;
  };
  const unwrap = (wrapped: JsonValue[]): Raw | undefined => (wrapped.length === 0 ? undefined : codec.fromJson(wrapped[0]!));
  return {
    key,
    inserted,
    fields: fields.map(([field, before, after]) => ({ field, before: unwrap(before), after: unwrap(after) })),
    tag,
  };
}
