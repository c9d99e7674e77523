import { onlineChange as onlineChangeOfRows, type RowHandler } from '@polyshift/adapter-kit';
import type { OperationHandler, OperationType } from '@polyshift/core';
import { onlineStore } from '../online/online-store.ts';
import type { Parts } from './parts.ts';

/** online_change: the new version is an alias of its own over an index of its own; both are compared with the ledger of their step, pass by pass. */
export function onlineChange(
  parts: Parts,
  handler: (type: OperationType) => OperationHandler | undefined,
): RowHandler<'online_change'> {
  return onlineChangeOfRows(onlineStore(parts, handler));
}
