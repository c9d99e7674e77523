import { migrateData as changeRows, pipelineFields } from '@polyshift/adapter-kit';
import { refuseUnknown, rowConditions } from '../conditions.ts';
import { isChangeable } from '../preconditions.ts';
import { rowOperations } from '../rows/row-operations.ts';
import type { HandlerOf } from './handler-of.ts';

/** migrate_data: an update pipeline over each row, written on the condition that its fields are as they were. */
export const migrateData: HandlerOf<'migrate_data'> = (store) => {
  const handler = changeRows(rowOperations(store));
  return {
    ...handler,

    async check(operation) {
      const { checks, table } = await isChangeable(store, operation.collection);
      if (!table) return checks;
      rowConditions(table, operation.conditions);
      for (const field of pipelineFields(operation.data.pipeline ?? [])) refuseUnknown(table, field.split('.')[0]!);
      return [...checks.slice(1), ...(await handler.check(operation))];
    },
  };
};
