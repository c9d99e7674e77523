import type { OperationType } from '../operation/registry.ts';
import type { TypeKind } from '../value/portable-type.ts';
import type { ScriptSupport } from './rollback-script.ts';
import type { StoreName } from './store-name.ts';

/** How an adapter carries an operation. */
export interface Supported {
  readonly supported: true;
  /** Whether the application can read and write the collection while it runs, but for locks of milliseconds. */
  readonly online: boolean;
  /**
   * What happens at once or not at all: the whole operation, each batch, or each row. After a crash the rest is resumed from the journal.
   */
  readonly atomic: 'operation' | 'batch' | 'row';
  /** `exact` restores schema and data to equal fingerprints; `script` runs what the user wrote. */
  readonly undo: 'exact' | 'script';
  /** What to know about it, one sentence, shown in the table of the store's page. */
  readonly note?: string;
}

/** Why an adapter does not carry something. */
export interface Unsupported {
  readonly supported: false;
  readonly reason: string;
  /** What to do instead, where there is something. */
  readonly instead?: string;
}

/** What values of a portable type become in a store. */
export interface TypeTarget {
  /** The type in the store's own words: `varchar(n)`, `Decimal128`. */
  readonly native: string;
  /** What some values lose there, by the names that the sink counts them under; empty where every value is exact. */
  readonly losses: readonly string[];
  /** Which values are refused, for people: `NaN and the infinities`. */
  readonly refuses?: string;
}

/** What a store and its adapter can do, as data: docs, plans and the conformance suite read it, and the suite proves it. */
export interface Capabilities {
  readonly store: StoreName;
  /** The name for people: `PostgreSQL`. */
  readonly title: string;
  /** Every operation, carried or not: a new operation does not compile until the adapter says. */
  readonly operations: Readonly<Record<OperationType, Supported | Unsupported>>;
  /** Transactions over several rows or documents; `by_server` is found out on connecting. */
  readonly transactions: 'none' | 'by_server' | 'always';
  /** How a validation schema is enforced. */
  readonly validation: 'native' | 'constraints' | 'stored' | 'none';
  /** Whether rows have a fixed list of columns. */
  readonly fixed_columns: boolean;
  /** The field that holds the key of every row, where the store fixes its name (`_id`); ETL fills it from the key of the source. */
  readonly key_field?: string;
  /** Whether a value can be a document or array of any depth. */
  readonly nested: boolean;
  /** Whether it can be read by ETL. */
  readonly source: boolean;
  /** Whether it can be written by ETL. */
  readonly sink: boolean;
  /** Whether `polyshift down --print` writes the way back as a script; missing: it does not. */
  readonly rollback_scripts?: ScriptSupport | Unsupported;
  /** What the sink makes of each portable type: the table of types in the documentation, held against real values by the conformance suite. */
  readonly types: Readonly<Record<TypeKind, TypeTarget>>;
  readonly limits: {
    /** Rows in one write, at most. */
    readonly batch_rows: number;
    /** Bytes in one write, at most. */
    readonly batch_bytes: number;
    /** Bytes in one row or document, at most. */
    readonly row_bytes: number;
  };
}
