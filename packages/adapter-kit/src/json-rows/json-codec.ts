import { type JsonValue, type PortableDocument, toDynamic } from '@polyshift/core';
import { editDocument } from '../operations/edit-document.ts';
import type { FieldEdit, RawRow, RowCodec } from '../row-store.ts';
import { valueFromJson, valueToJson } from './json-value.ts';

/** A document as a row whose raw values are JSON. */
export function jsonRow(document: PortableDocument): RawRow<JsonValue> {
  return new Map([...document].map(([name, value]) => [name, valueToJson(value)]));
}

/** A row of {@link jsonRow} as one text. Its fields stand in the order of their names: such a row has no order of its own. */
export function jsonRowText(row: RawRow<JsonValue>): string {
  return `{${byName(row)
    .map(([name, raw]) => `${JSON.stringify(name)}:${JSON.stringify(raw)}`)
    .join(',')}}`;
}

/** The way back from {@link jsonRowText}. */
export function jsonRowOf(text: string): RawRow<JsonValue> {
  return new Map(byName(Object.entries(JSON.parse(text) as Record<string, JsonValue>)));
}

/** For a store that keeps a row as JSON: every value exactly, with its type. */
export const jsonCodec: RowCodec<JsonValue> = {
  decode: (_collection, row) => new Map([...row].map(([name, raw]) => [name, valueFromJson(raw)])),
  edit: (collection, row, edits) => jsonRow(editDocument(jsonCodec.decode(collection, row), edits.map(withOwnType))),
  equal: (left, right) => JSON.stringify(left) === JSON.stringify(right),
  toJson: (raw) => raw,
  fromJson: (json) => json,
};

function byName(fields: Iterable<readonly [string, JsonValue]>): (readonly [string, JsonValue])[] {
  return [...fields].sort(([left], [right]) => (left < right ? -1 : 1));
}

/** A value of the edit's type as one that says its type itself. */
function withOwnType(edit: FieldEdit): FieldEdit {
  return edit.kind === 'set' && edit.type ? { ...edit, value: toDynamic(edit.type, edit.value) } : edit;
}
