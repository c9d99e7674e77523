import type { OperationHandlers } from '@polyshift/core';
import type { Store } from './store.ts';
export function operationHandlers(_store: Store): OperationHandlers {
  return {};
}
