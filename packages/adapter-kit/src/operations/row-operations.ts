import {
  type Check,
  fail,
  type JsonObject,
  type OperationHandler,
  type OperationType,
  type PlanContext,
  type PlannedStep,
  type PortableDocument,
  pass,
  type Risk,
} from '@polyshift/core';
import type { KeyedRow, RowStore } from '../row-store.ts';

/** What the operations over rows need to know of a store. */
export interface RowOperations<Raw> {
  readonly store: RowStore<Raw>;
  /** What a row is called: `item`, `key`, `document`, `row`. */
  readonly noun: string;
  /** The key fields of a collection; undefined where there is no such collection. */
  keyOf(collection: string): Promise<readonly string[] | undefined>;
  /** The command that will be sent, for plans: of one row, with `?` for what is bound. */
  statement(collection: string, action: RowAction): string;
  /** The row of a document that gives all fields of the key. Throws INVALID_DOCUMENT or CONVERSION_FAILED. */
  build(collection: string, document: PortableDocument): KeyedRow<Raw>;
  /** The place aside of a step, from `run.aside`; default `aside_` and that. */
  aside?(name: string): string;
  /** Must be awaited before build and codec are used on a collection: loads what they need to know without I/O. Default: nothing. */
  open?(collection: string): Promise<void>;
  /** The violations of a document against the stored validation schema of the collection, where it has one that refuses. Called after `open`. */
  violations?(collection: string, document: PortableDocument): readonly string[];
}

/** What happens to a row, for the text of a plan. */
export type RowAction =
  | { readonly kind: 'set'; readonly fields: readonly string[] }
  | { readonly kind: 'unset'; readonly fields: readonly string[] }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'insert' };

/** A handler as the kit's factories make it. */
export type RowHandler<Type extends OperationType> = OperationHandler<Type, JsonObject>;

/** The place aside of a step. */
export function asideName<Raw>(operations: RowOperations<Raw>, runAside: string): string {
  return operations.aside?.(runAside) ?? `aside_${runAside}`;
}

/** A step of a plan over rows. */
export function plannedRows<Raw>(
  operations: RowOperations<Raw>,
  context: PlanContext,
  collection: string,
  action: RowAction,
  parts: { risk: Risk; undo: string; rows?: number },
): PlannedStep {
  const rows = parts.rows ?? context.schema.collections[collection]?.approximate_count;
  return {
    statement: operations.statement(collection, action),
    phase: 'migrate',
    lock: { mode: `one ${operations.noun} at a time`, held: 'instant' },
    ...(rows === undefined ? {} : { rows }),
    risk: parts.risk,
    undo: parts.undo,
  };
}

/** The check that a collection is there. */
export async function isThere<Raw>(operations: RowOperations<Raw>, collection: string): Promise<Check> {
  const key = await operations.keyOf(collection);
  if (key === undefined)
    return fail(
      'collection_exists',
      `there is no collection ${collection}`,
      'Correct the name, or create it first by create_collection.',
    );
  await operations.open?.(collection);
  return pass('collection_exists', `${collection} is there`);
}

/** The check that a field is not part of the key, which identifies a row and cannot be changed in place. */
export async function isNoKey<Raw>(
  operations: RowOperations<Raw>,
  collection: string,
  fields: readonly string[],
): Promise<Check> {
  const key = (await operations.keyOf(collection)) ?? [];
  const named = fields.filter((field) => key.includes(field.split('.')[0]!));
  return named.length === 0
    ? pass('no_key_field', `${fields.join(', ')} is not part of the key`)
    : fail(
        'no_key_field',
        `${named.join(', ')} is part of the key of ${collection}, which identifies a ${operations.noun} and cannot be changed in place`,
        'Copy the collection by extract with another key.',
      );
}

/** Rows of a collection with their documents, for checks. */
export async function* documentsOf<Raw>(
  { store, open }: RowOperations<Raw>,
  collection: string,
): AsyncGenerator<{ keyed: KeyedRow<Raw>; document: PortableDocument }> {
  await open?.(collection);
  for await (const { rows } of store.scan(collection, { batch_size: 1000 })) {
    for (const keyed of rows) yield { keyed, document: store.codec.decode(collection, keyed.row) };
  }
}
