import type { RowHandler } from '@polyshift/adapter-kit';
import type { Check, Operation, OperationType } from '@polyshift/core';

/** A handler with further checks beforehand, made where its own have passed. */
export function withChecks<Type extends OperationType>(
  handler: RowHandler<Type>,
  more: (operation: Operation<Type>) => Promise<Check[]>,
): RowHandler<Type> {
  return {
    ...handler,
    async check(operation) {
      const checks = await handler.check(operation);
      return checks.some(({ status }) => status === 'FAILED') ? checks : [...checks, ...(await more(operation))];
    },
  };
}
