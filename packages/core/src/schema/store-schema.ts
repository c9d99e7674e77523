import type { JsonObject, JsonValue } from '../value/json.ts';
import type { PortableType } from '../value/portable-type.ts';

/** A column, or a field that a document store's validation or samples show. */
export interface FieldSchema {
  readonly name: string;
  readonly type: PortableType;
  /** The type in the store's own words, with its modifiers: `numeric(12,2)`. */
  readonly native: string;
  readonly nullable: boolean;
  /** The default as the store writes it: an SQL expression. Undefined where there is none. */
  readonly default?: string | undefined;
  /** How the store fills the column itself. */
  readonly generated?: 'identity_always' | 'identity_by_default' | 'stored' | 'virtual' | 'auto_increment' | undefined;
  /** Whatever else must come back on undo: collation, comment, generation expression, statistics target. */
  readonly options?: JsonObject | undefined;
}

/** An index. */
export interface IndexSchema {
  readonly name: string;
  /** Field to direction or kind, in order; a key on an expression has the expression as its name. */
  readonly keys: readonly { readonly field: string; readonly direction: JsonValue }[];
  readonly unique: boolean;
  /** The definition as the store gives it, complete enough to build the index again. */
  readonly definition: JsonValue;
}

/** A constraint of an SQL store. */
export interface ConstraintSchema {
  readonly name: string;
  readonly kind: 'primary_key' | 'unique' | 'check' | 'foreign_key' | 'exclusion' | 'not_null';
  readonly fields: readonly string[];
  /** The definition as the store prints it. */
  readonly definition: string;
}

/** A table or collection. */
export interface CollectionSchema {
  readonly name: string;
  readonly kind: 'table' | 'collection' | 'view';
  /** Columns; for a document store what its validation schema names (its documents may hold more). */
  readonly fields: readonly FieldSchema[];
  /** The primary key; `['_id']` on MongoDB; empty where there is none. */
  readonly key: readonly string[];
  readonly indexes: readonly IndexSchema[];
  readonly constraints: readonly ConstraintSchema[];
  /** The validation schema with its level and action, as the store holds it. */
  readonly validation?: JsonObject | undefined;
  /** Options of the store: capped, collation, storage parameters, comment. */
  readonly options?: JsonObject | undefined;
  /** Rows, from the store's statistics: cheap and not exact. */
  readonly approximate_count?: number | undefined;
}

/** What a store holds, as far as it was asked for; polyshift's own tables and collections are left out. */
export interface StoreSchema {
  /** By name, as operations write it. */
  readonly collections: Readonly<Record<string, CollectionSchema>>;
  /** Templates that collections are made from (Elasticsearch), by name, as the store holds them; only where all was asked for. */
  readonly templates?: Readonly<Record<string, JsonObject>>;
}
