import type { JsonValue } from '../value/json.ts';
import type { PortableType } from '../value/portable-type.ts';
import type { PortableDocument, PortableValue } from '../value/portable-value.ts';

/** A column of a batch. */
export interface Column {
  readonly name: string;
  readonly type: PortableType;
  /** The type in the source's own words; a sink of the same store uses it instead of `type`. */
  readonly native?: string | undefined;
  readonly nullable: boolean;
  /** The form of the raw values: `portable`, or a name that the source's adapter owns (`pg_text`, `bson`), for shortcuts of sinks that know it. */
  readonly form: string;
  /** Turns a raw value that is neither null nor undefined (missing) into the portable value of `type`. The identity where form is `portable`. */
  readonly decode: (raw: unknown) => PortableValue;
}

/**
 * Rows by position with one list of columns: what tables give and every sink takes. Raw values stay in the source driver's cheapest
 * exact form until a sink needs them. `null` is null; `undefined` is a missing field of a document.
 */
export interface RowBatch {
  readonly kind: 'rows';
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly unknown[])[];
}

/** Documents in the raw form of a document store. */
export interface DocumentBatch {
  readonly kind: 'documents';
  /** A name that the source's adapter owns, like `bson`. */
  readonly form: string;
  readonly documents: readonly unknown[];
  /** Turns one raw document into a portable one. */
  readonly decode: (raw: unknown) => PortableDocument;
  /** The raw value at a path (`address.city`), undefined where it is missing: cheaper than decoding the document. */
  readonly get: (raw: unknown, path: string) => unknown;
  /** Turns a raw value that `get` gave into a dynamic portable value. */
  readonly decodeValue: (raw: unknown) => PortableValue;
}

/** What moves between stores. */
export type Batch = RowBatch | DocumentBatch;

/** A batch as a source gives it, with the key to go on after. */
export interface SourceBatch {
  readonly batch: Batch;
  /** The key of the last row, as plain JSON: `read(partition, {after})` goes on behind it. Null where the scan has no key and cannot go on. */
  readonly last_key: JsonValue;
}

/** The number of rows in a batch. */
export function batchSize(batch: Batch): number {
  return batch.kind === 'rows' ? batch.rows.length : batch.documents.length;
}

/** A column whose raw values are portable already. */
export function portableColumn(name: string, type: PortableType, nullable = true): Column {
  return { name, type, nullable, form: 'portable', decode: (raw) => raw as PortableValue };
}
