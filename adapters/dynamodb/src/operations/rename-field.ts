import { renameField as renameFieldOfRows } from '@polyshift/adapter-kit';
import { leavesIndexes } from '../indexes/use.ts';
import { withChecks } from '../with-checks.ts';
import type { HandlerOf } from './handler-of.ts';

/** rename_field: the value goes to the other name as it is; attributes of the key are refused. */
export const renameField: HandlerOf<'rename_field'> = (store, rows) =>
  withChecks(renameFieldOfRows(rows), ({ collection, data }) => leavesIndexes(store, collection, data.old_name));
