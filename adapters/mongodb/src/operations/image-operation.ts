import {
  type Check,
  cameToEnd,
  type Operation,
  type OperationHandler,
  type OperationType,
  type Progress,
  type RunContext,
} from '@polyshift/core';
import { applyChange } from '../change/apply.ts';
import type { Change } from '../change/change.ts';
import { dropLanes, endLanes } from '../change/lanes.ts';
import { restoreImages } from '../change/restore.ts';
import { verifyImages } from '../change/verify.ts';
import { asideCollection, dropIfThere, type Store } from '../store.ts';

/** What an operation that changes documents in place says of itself; the rest is the same for all of them. */
export interface InPlace<Type extends OperationType> {
  /** Documents that are to be changed. */
  filter(operation: Operation<Type>): object;
  change(operation: Operation<Type>): Change;
}

/** The methods that all operations with before-images and after-images share. The undo record names the collection; the images are aside. */
export function imageMethods<Type extends OperationType>(
  store: Store,
  inPlace: InPlace<Type>,
): Pick<OperationHandler<Type>, 'prepare' | 'execute' | 'rollback' | 'discard'> & {
  verifyImages(operation: Operation<Type>, run: RunContext): Promise<Check[]>;
} {
  const asideOf = (run: RunContext): string => asideCollection(run.aside);
  return {
    async prepare(_operation, run) {
      return { images: asideOf(run) };
    },

    execute(operation, _undo, run): AsyncIterable<Progress> {
      const target = { collection: operation.collection, filter: inPlace.filter(operation), aside: asideOf(run) };
      return applyChange(store, target, inPlace.change(operation), operation.batch_size, run);
    },

    verifyImages: async (operation, run) => [cameToEnd(run), ...(await verifyImages(store, operation.collection, asideOf(run)))],

    async *rollback(operation, _undo, run): AsyncGenerator<Progress> {
      await endLanes(store, asideOf(run));
      yield* restoreImages(store, operation.collection, asideOf(run), run);
      await dropLanes(store, asideOf(run));
    },

    async discard(_operation, _undo, run) {
      await dropLanes(store, asideOf(run));
      await dropIfThere(store, asideOf(run));
      await dropIfThere(store, `${asideOf(run)}_work`);
    },
  };
}
