import type { JsonValue } from '@polyshift/core';

/** A result, at once or later. */
type Awaitable<Value> = Value | Promise<Value>;

/** A record with its key. */
export interface RecordEntry {
  readonly key: string;
  readonly value: JsonValue;
}

/** Which records of a kind to list, in the order of their keys. */
export interface RecordRange {
  /** Keys that begin with this; default all. */
  readonly prefix?: string | undefined;
  /** Keys behind this one; default from the first. */
  readonly after?: string | undefined;
  /** At most so many; default all. */
  readonly limit?: number | undefined;
}

/** A record that must be as expected for a write of another one to happen. */
export interface RecordCondition {
  readonly kind: string;
  readonly key: string;
  holds(value: JsonValue | undefined): boolean;
}

/**
 * Small JSON records by kind and key in the migrated store itself, out of sight of `introspect`: what journal, locks and things kept aside can be
 * made of where the store can change one record on the condition of another at once (a transaction, a script). A store with a synchronous
 * driver may answer at once.
 */
export interface RecordStore {
  /** Makes the place for records. Idempotent, safe when two call it at once. */
  ensure(): Awaitable<void>;
  /** Records of a kind; none where there is no place yet. */
  list(kind: string, range: RecordRange): Awaitable<RecordEntry[]>;
  /** One record. */
  get(kind: string, key: string): Awaitable<JsonValue | undefined>;
  /**
   * Replaces a record by what `change` makes of it, at once: nobody writes it in between. Undefined is no record. Gives false, and
   * writes nothing, where the condition does not hold. Durable when its promise resolves.
   */
  update(
    kind: string,
    key: string,
    change: (current: JsonValue | undefined) => JsonValue | undefined,
    condition?: RecordCondition,
  ): Awaitable<boolean>;
}
