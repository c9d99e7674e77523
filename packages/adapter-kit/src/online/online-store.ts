import type { Check, Operation, OperationHandler, OperationType, PortableDocument } from '@polyshift/core';
import type { RowOperations } from '../operations/row-operations.ts';
import type { RowKey } from '../row-store.ts';

/** What an adapter gives so that two versions of a collection can be in use on a store that carries nothing over by itself. */
export interface OnlineStore<Raw> {
  readonly operations: RowOperations<Raw>;
  /** The handler of an operation that changes the new version while it is empty; undefined where the store does not carry it. */
  handler(type: OperationType): OperationHandler | undefined;
  /** Whether there is such a collection. */
  exists(collection: string): Promise<boolean>;
  /** Makes a collection with the definition of another (key, options, indexes, validation), without rows. */
  cloneStructure(from: string, to: string): Promise<void>;
  /** Drops a collection with its rows. Idempotent. */
  drop(collection: string): Promise<void>;
  /** What tells a collection from a later one of the same name; an empty text where the store does not tell, undefined where it is gone. */
  identity(collection: string): Promise<string | undefined>;
  /** The fields that rows of a collection can have, once it was opened, where the store declares them; default: any. */
  columns?(collection: string): readonly string[];
  /** The name of the new version where the operation gives none, in place of `defaultNewCollection` of core. */
  newName?(collection: string, version: string): Promise<string>;
  /** The check that a name can be taken by the new version. */
  nameFree(collection: string): Promise<Check>;
  /** Further checks before anything is made. Default none. */
  checks?(operation: Operation<'online_change'>): Promise<Check[]>;
  /**
   * The operation as it is made on the empty new version, where its handler would look at rows to complete it; `sample` has the first documents in their
   * new form. Default: as it is.
   */
  adapt?(operation: Operation, sample: readonly PortableDocument[], names: OnlineNames): Promise<Operation>;
  /** Awaited when all operations are made: tells the new version what only its rows would show. Default nothing. */
  learn?(collection: string, sample: readonly PortableDocument[]): Promise<void>;
  /** Awaited after rows were written as the other version has them: carries over what is no field of theirs (an expiry). Idempotent. Default nothing. */
  carried?(from: string, to: string, keys: readonly RowKey[]): Promise<void>;
  /** What is different on this store, for the plan. */
  readonly note?: string;
}

/** Which version an application has written. */
export type Side = 'old' | 'new';

/** A write that could not be carried over. */
export interface Refusal {
  /** The version whose write the other one refuses; `both` where they contradict each other. */
  readonly side: Side | 'both';
  readonly reason: string;
}

/** The two versions of a collection, and where the ledger of their step is. */
export interface OnlineNames {
  readonly old: string;
  readonly new: string;
  /** The place aside that holds the ledger, and how far the change is. */
  readonly ledger: string;
}

/** The place aside of a step's ledger. */
export function ledgerName(aside: string): string {
  return `online_${aside}`;
}
