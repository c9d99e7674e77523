import { onlineChange as onlineChangeOfRows, type RowHandler } from '@polyshift/adapter-kit';
import type { OperationHandler, OperationType } from '@polyshift/core';
import { onlineStore } from '../online/online-store.ts';
import type { Store } from '../store.ts';

/** online_change: the new version is a table of its own; both are compared with the ledger of their step, pass by pass. */
export function onlineChange(
  store: Store,
  handler: (type: OperationType) => OperationHandler | undefined,
): RowHandler<'online_change'> {
  return onlineChangeOfRows(onlineStore(store, handler));
}
