import type { JsonObject, OperationHandler, OperationType } from '@polyshift/core';
import type { Store } from '../store.ts';

/** Makes the handler of one operation for a connected store. */
export type HandlerOf<Type extends OperationType, Undo extends JsonObject = JsonObject> = (
  store: Store,
) => OperationHandler<Type, Undo>;
