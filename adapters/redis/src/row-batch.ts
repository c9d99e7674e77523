import { type KeyedRow, valueAt } from '@polyshift/adapter-kit';
import type { DocumentBatch, PortableDocument, PortableValue } from '@polyshift/core';
import { type Definition, fieldType, keyNames } from './definitions/definition.ts';
import { decodeRow } from './rows/codec.ts';
import { jsonField } from './rows/raw-row.ts';
import { fromHash } from './values/from-hash.ts';

/** The form of Redis's rows in batches: a key with the raw fields of a hash, or the text of a string. */
export const rowForm = 'redis_row';

/** Rows as a batch; values are read by the definition of their collection. */
export function rowBatch(definition: Definition, defined: boolean, rows: readonly KeyedRow<Buffer>[]): DocumentBatch {
  const decoded = new WeakMap<object, PortableDocument>();
  const decode = (raw: unknown): PortableDocument => {
    const { row } = raw as KeyedRow<Buffer>;
    let document = decoded.get(row);
    if (!document) {
      document = decodeRow(definition, defined, row);
      decoded.set(row, document);
    }
    return document;
  };
  const names = keyNames(definition);
  return {
    kind: 'documents',
    form: rowForm,
    documents: rows,
    decode,
    get(raw, path) {
      const { row } = raw as KeyedRow<Buffer>;
      // One field of a hash is read without the others.
      const field = row.has(jsonField) || names.includes(path) ? undefined : row.get(path);
      return field ? fromHash(fieldType(definition, path), field, defined) : valueAt(decode(raw), path);
    },
    decodeValue: (raw) => raw as PortableValue,
  };
}
