import { load as loadRows } from '@polyshift/adapter-kit';
import { fail } from '@polyshift/core';
import { refuseUnknown, rowConditions } from '../conditions.ts';
import { isChangeable, isThere } from '../preconditions.ts';
import { rowOperations } from '../rows/row-operations.ts';
import type { HandlerOf } from './handler-of.ts';

/** load: rows of the migration or of another table, each by INSERT IF NOT EXISTS or by an UPDATE on a condition. */
export const load: HandlerOf<'load'> = (store) => {
  const handler = loadRows(rowOperations(store));
  return {
    ...handler,

    async check(operation) {
      const { checks, table } = await isChangeable(store, operation.collection);
      if (!table) return checks;
      const { rows, from, fields } = operation.data;
      const names = rows ? rows.flatMap((row) => Object.keys(row)) : Object.keys(fields ?? {});
      for (const name of new Set(names)) refuseUnknown(table, name);
      const shared = [...new Set(names)].find((name) =>
        table.columns.some((column) => column.name === name && column.kind === 'static'),
      );
      if (shared !== undefined) {
        const message = `${shared} is a static column: it belongs to a partition, not to a row`;
        return [...checks, fail('static_column', message, 'Leave it out of the rows.')];
      }
      if (from !== undefined) {
        const source = await isThere(store, from);
        if (!source.table) return [source.check];
        rowConditions(source.table, operation.conditions);
      }
      return handler.check(operation);
    },
  };
};
