import {
  ConversionError,
  cameToEnd,
  type Operation,
  type OperationType,
  PolyshiftError,
  type PortableDocument,
} from '@polyshift/core';
import { applyChange } from '../change/apply-change.ts';
import { restoreImages } from '../change/restore-images.ts';
import { verifyImages } from '../change/verify-images.ts';
import type { FieldEdit } from '../row-store.ts';
import { asideName, type RowHandler, type RowOperations } from './row-operations.ts';

/** The methods that every change of rows with images has in common. */
export function imageMethods<Raw, Type extends OperationType>(
  operations: RowOperations<Raw>,
  editsOf: (operation: Operation<Type>) => (document: PortableDocument) => readonly FieldEdit[],
): Pick<RowHandler<Type>, 'prepare' | 'execute' | 'verify' | 'rollback' | 'discard'> {
  const { store } = operations;
  return {
    async prepare(_operation, run) {
      return { images: asideName(operations, run.aside) };
    },

    async *execute(operation, _undo, run) {
      await operations.open?.(operation.collection);
      const edits = editsOf(operation);
      const change = {
        collection: operation.collection,
        aside: asideName(operations, run.aside),
        batch_size: operation.batch_size,
        edits: (document: PortableDocument) => converted(() => edits(document)),
      };
      yield* applyChange(store, change, run);
    },

    async verify(operation, _undo, run) {
      await operations.open?.(operation.collection);
      return [cameToEnd(run), ...(await verifyImages(store, operation.collection, asideName(operations, run.aside)))];
    },

    async *rollback(operation, _undo, run) {
      await operations.open?.(operation.collection);
      yield* restoreImages(store, operation.collection, asideName(operations, run.aside), run);
    },

    discard: (_operation, _undo, run) => store.aside.drop(asideName(operations, run.aside)),
  };
}

function converted<Result>(compute: () => Result): Result {
  try {
    return compute();
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    throw new PolyshiftError('CONVERSION_FAILED', error.message, { cause: error });
  }
}
