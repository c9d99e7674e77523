import type { ErrorCode } from '../errors/codes.ts';
import type { JsonObject, JsonValue } from '../value/json.ts';
import type { Batch, Column } from './batch.ts';
import type { Progress, RunContext } from './run-context.ts';

/** Where and how to write. */
export interface SinkTarget {
  readonly collection: string;
  /**
   * The columns of the batches that will come, in their order; empty where they are documents. A batch may have a narrower type in a column,
   * or `dynamic` (its values say their own): the types here are those to create the columns with, that hold the values of all batches.
   */
  readonly columns: readonly Column[];
  /** Whether the batches will be documents whose fields may differ. */
  readonly dynamic: boolean;
  /**
   * Where the batches will be documents and the target is to be made: the fields that the first of them show, each with the type that holds what
   * was seen, `dynamic` where values differ in kind. What a store has to declare can be taken from it; later documents may still differ.
   */
  readonly shown?: readonly Column[] | undefined;
  /** What makes a row the same, in the target's field names: loads are idempotent by it. MongoDB: `['_id']`. */
  readonly key: readonly string[];
  /**
   * Whether the rows of one scan cannot share a key: it holds the key that the source itself keeps unique, copied as it is, and each row makes one
   * row. Then no two writes that are under way at the same time have the same, in whichever process, so that a sink may look for a key and then
   * write it, where the store has no quick way to do both at once. A key may still be there: by an earlier attempt, or by somebody else.
   * Default: false.
   */
  readonly unique_keys?: boolean | undefined;
  /**
   * Whether the writer that is opened writes all rows of the load, so that it can keep those of one key apart by itself; what a process before it had
   * under way comes again with `replay`. Default: false, other processes may write rows with the same keys at the same time.
   */
  readonly sole_writer?: boolean | undefined;
  /** A row whose key exists and was not put there by this load: rejected, replaced (with its before-image kept), or left. */
  readonly mode: 'insert' | 'upsert' | 'ignore';
  /** A value that the store cannot hold exactly: write the nearest and count it, or refuse the row. */
  readonly on_loss: 'nearest' | 'error';
  /** Names what is kept aside for the undo of this load; letters, digits and underscores, at most 40 characters. */
  readonly aside: string;
  /** `load_params` of the spec, for the adapter: column types, options of the new collection. */
  readonly params?: JsonObject | undefined;
}

/**
 * What rollback of a load needs; plain JSON, journaled before the first write. `before` tells what the target was: `absent` (rollback
 * drops it), `empty` (rollback empties it), `filled` (inserted keys and before-images of replaced rows are kept aside).
 */
export interface LoadUndo extends JsonObject {
  collection: string;
  before: 'absent' | 'empty' | 'filled';
  aside: string;
}

/** What a column becomes in the target, for plans. */
export interface TargetField {
  /** The field's name in the target. */
  readonly name: string;
  /** The type in the target's own words. */
  readonly type: string;
  /** What values of this type can lose, from the adapter's table of losses; empty where every value is exact. */
  readonly losses: readonly string[];
}

/** Values of one field that the target could not hold exactly. */
export interface Loss {
  readonly field: string;
  /** What is lost, snake_case, from the adapter's table of losses: `microseconds_to_milliseconds`. */
  readonly loss: string;
  readonly count: number;
  /** One value before and after, as text. */
  readonly example: { readonly from: string; readonly to: string };
}

/** A row that was not written. */
export interface RejectedRow {
  /** Position in the batch. */
  readonly index: number;
  /** The key as JSON, for people and for retries. */
  readonly key: JsonValue;
  readonly code: ErrorCode;
  readonly message: string;
}

/** A batch in the store's own form, as its own source would give it back after the load. */
export interface EncodedBatch {
  readonly batch: Batch;
  readonly losses: readonly Loss[];
  /** Rows that could not be encoded; `batch` leaves them out. Indexes are of the batch that went in. */
  readonly rejected: readonly RejectedRow[];
  /** Bytes, about. */
  readonly bytes: number;
}

/** What a write did. */
export interface WriteResult {
  readonly inserted: number;
  readonly replaced: number;
  /** Rows that an earlier attempt of the same chunk had written, or that `ignore` left. */
  readonly already_there: number;
  /** Indexes are of the encoded batch. */
  readonly rejected: readonly RejectedRow[];
}

/** An open target. */
export interface SinkWriter extends AsyncDisposable {
  /** Converts a batch, without I/O. Encoders are compiled once per list of columns. */
  encode(batch: Batch): EncodedBatch;
  /**
   * Writes an encoded batch. With `replay` the batch may have been written before, in part or whole: equal rows with the same key count as
   * already_there. Without it a row whose key this load has already written is rejected with DUPLICATE_KEY, never lost in silence.
   * May be called again before the last call has ended. Throws BATCH_TOO_LARGE where the store refuses the whole for its size: it comes again in halves.
   */
  write(batch: Batch, options: { replay: boolean }): Promise<WriteResult>;
  /** Rows as the target holds them now, for the keys of a batch in the store's own form: in any order, missing ones left out. */
  lookup(batch: Batch): Promise<Batch>;
  /**
   * Deletes rows that this load has written, by the keys of a batch in the store's own form; keys that are not there are passed over.
   * For tables of polyshift's own, as that of dead letters is: the caller names no row of anybody else. Rollback of the load then finds
   * these rows gone, and takes back the others.
   */
  remove?(batch: Batch): Promise<void>;
  /** Ends the load: what was put off (statistics, indexes) is done. Idempotent. */
  finish(): Promise<void>;
}

/** An index that a load drops and builds again, with all that building exactly the same one takes; plain JSON, journaled before it is dropped. */
export interface KeptIndex extends JsonObject {
  name: string;
  /** As `introspect` gives it. */
  definition: JsonObject;
}

/** What a load that rebuilds indexes does with those of its target. */
export interface IndexPlan {
  /** In the order of building; dropped in the other order. */
  readonly dropped: readonly KeptIndex[];
  /** Those that stay, each with why, as the end of a sentence: `keeps rows unique`. */
  readonly stays: readonly { readonly name: string; readonly why: string }[];
  /** What will run before the first row and after the last, in its order, for plans. */
  readonly statements: { readonly before: readonly string[]; readonly after: readonly string[] };
}

/** Drops the secondary indexes of a target before a load, and builds them again after it. */
export interface SinkIndexes {
  /**
   * Says which indexes of a target that is there can be dropped without a guarantee being lost: none that is unique, carries a constraint or serves a
   * foreign key, none without which statements of the application would fail or its rows would stay, and none that the store cannot build again
   * exactly, while everybody writes. Changes nothing.
   */
  plan(target: SinkTarget): Promise<IndexPlan>;
  /** Drops one, fenced. Idempotent. One that is not as it was kept is left alone. */
  drop(undo: LoadUndo, index: KeptIndex, run: RunContext): Promise<void>;
  /**
   * Builds one exactly as it was, while everybody writes, from whatever is there of it: nothing, what a build that was killed has left, or all of it.
   * Throws ALREADY_EXISTS where another index has its name. Does nothing where the target is gone.
   */
  build(undo: LoadUndo, index: KeptIndex, run: RunContext): Promise<void>;
  /** The names of those that are not there exactly as they were, and usable. Only reads. None where the target is gone. */
  missing(undo: LoadUndo, indexes: readonly KeptIndex[]): Promise<string[]>;
}

/** A store that can be written. */
export interface Sink {
  /** Where it can drop indexes for a load and build them again: `indexes: rebuild` of a spec asks for it. */
  readonly indexes?: SinkIndexes;
  /** Looks at the target and says what rollback will need. Changes nothing. Throws INVALID_DOCUMENT or UNKNOWN_FIELD where the columns do not fit. */
  plan(target: SinkTarget): Promise<{ undo: LoadUndo; statements: string[]; fields?: readonly TargetField[] }>;
  /** Opens the target, and creates it where the undo record says `absent`. Idempotent: also used to resume. */
  open(target: SinkTarget, undo: LoadUndo): Promise<SinkWriter>;
  /** Takes the load back exactly. Throws WRITTEN_SINCE, before changing anything, where rows are there that this load did not write. `loaded` is the number of rows that it wrote. */
  rollback(undo: LoadUndo, loaded: number): AsyncIterable<Progress>;
  /** Deletes what is kept aside. Idempotent. */
  discard(undo: LoadUndo): Promise<void>;
}
