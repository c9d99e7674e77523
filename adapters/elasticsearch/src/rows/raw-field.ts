import type { RawRow } from '@polyshift/adapter-kit';
import { StoredDocument } from '../documents/document.ts';
import type { JsonFields, JsonNode } from '../json/node.ts';

/** A field of a document: its value, and where it stands among the fields, so that it comes back to its place when it was taken away. */
export interface RawField {
  readonly node: JsonNode;
  /** From 0; -1 for the `_id`, which is no part of the document's text. */
  readonly at: number;
}

/** A row that knows the document that it was made of: where it goes as it came, it needs no text of its own. */
class DocumentRow extends Map<string, RawField> {
  readonly document: StoredDocument;

  constructor(document: StoredDocument) {
    super();
    this.document = document;
  }
}

/** The fields of a document in the form that changes are computed in; with its `_id`, where that is the key. */
export function rowOf(document: StoredDocument, withId: boolean): RawRow<RawField> {
  const row = new DocumentRow(document);
  if (withId) row.set('_id', { node: document.id, at: -1 });
  let at = 0;
  for (const [name, node] of document.fields) row.set(name, { node, at: at++ });
  return row;
}

/** The document of a row. */
export function documentOfRow(id: string, routing: string | undefined, row: RawRow<RawField>): StoredDocument {
  if (row instanceof DocumentRow && row.document.id === id && row.document.routing === routing) return row.document;
  const fields: JsonFields = new Map();
  for (const [name, { node, at }] of row) if (at >= 0) fields.set(name, node);
  return StoredDocument.of(id, fields, routing);
}
