import type { StoreSession } from '../adapter/adapter.ts';
import type { OperationHandler } from '../adapter/handler.ts';
import { PolyshiftError } from '../errors/polyshift-error.ts';
import type { Operation } from '../operation/registry.ts';

/** The handler of a session for an operation. Throws UNSUPPORTED_OPERATION where the store cannot carry it. */
export function handlerOf(session: StoreSession, operation: Operation): OperationHandler {
  // The registry keeps handlers by type, and the operation's own type picks the one that takes it.
  const handler = session.operations[operation.type] as OperationHandler | undefined;
  if (handler) return handler;
  throw new PolyshiftError(
    'UNSUPPORTED_OPERATION',
    `${session.server.product} cannot carry ${operation.type} on ${operation.collection}`,
    {
      hint: 'The page of the store in the documentation says why, and what to do instead.',
    },
  );
}
