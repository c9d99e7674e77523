import type { PortableDocument } from '@polyshift/core';
import type { FieldEdit } from '../row-store.ts';

/** A copy of a document with edits made to it. */
export function editDocument(document: PortableDocument, edits: readonly FieldEdit[]): PortableDocument {
  let copy: PortableDocument = new Map(document);
  for (const edit of edits) {
    if (edit.kind === 'set') copy.set(edit.field, edit.value);
    else if (edit.kind === 'unset') copy.delete(edit.field);
    else copy = new Map([...copy].map(([field, value]) => [field === edit.from ? edit.to : field, value]));
  }
  return copy;
}
