import type { JsonObject, OperationHandler, OperationType } from '@polyshift/core';
import type { Database } from '../database.ts';
import type { Dialect } from '../server-features.ts';

/** What every handler is made with. */
export interface HandlerContext {
  readonly database: Database;
  readonly dialect: Dialect;
}

/** Makes the handler of one operation for one session. */
export type HandlerFactory<Type extends OperationType, Undo extends JsonObject> = (
  context: HandlerContext,
) => OperationHandler<Type, Undo>;
