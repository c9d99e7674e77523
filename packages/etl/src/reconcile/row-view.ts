import { type Batch, canonicalText, type JsonValue, jsonOf, type PortableType, type PortableValue } from '@polyshift/core';

const dynamic: PortableType = { kind: 'dynamic' };

/** One row of a batch for comparison: the canonical text of each field, and its value for people. */
export interface RowView {
  /** Field to canonical text; missing fields are missing. */
  readonly texts: ReadonlyMap<string, string>;
  /** A field as JSON; undefined where it is missing. */
  json(field: string): JsonValue | undefined;
}

/** A row of a batch. */
export function rowView(batch: Batch, index: number): RowView {
  const values = new Map<string, { type: PortableType; value: PortableValue }>();
  if (batch.kind === 'documents') {
    for (const [name, value] of batch.decode(batch.documents[index])) values.set(name, { type: dynamic, value });
  } else {
    const row = batch.rows[index]!;
    for (const [position, column] of batch.columns.entries()) {
      const raw = row[position];
      if (raw !== undefined) values.set(column.name, { type: column.type, value: raw === null ? null : column.decode(raw) });
    }
  }
  const texts = new Map<string, string>();
  for (const [name, { type, value }] of values) texts.set(name, canonicalText(type, value));
  return {
    texts,
    json: (field) => {
      const found = values.get(field);
      return found && jsonOf(found.type, found.value);
    },
  };
}

/** The key of a row as one text. */
export function keyText(view: RowView, key: readonly string[]): string {
  return key.map((field) => view.texts.get(field) ?? 'u').join('|');
}

/** The key of a row as JSON: the value, or an object of several. */
export function keyJson(view: RowView, key: readonly string[]): JsonValue {
  return key.length === 1
    ? (view.json(key[0]!) ?? null)
    : Object.fromEntries(key.map((field) => [field, view.json(field) ?? null]));
}
