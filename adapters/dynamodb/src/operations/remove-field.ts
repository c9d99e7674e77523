import { removeField as removeFieldOfRows } from '@polyshift/adapter-kit';
import { leavesIndexes } from '../indexes/use.ts';
import { withChecks } from '../with-checks.ts';
import type { HandlerOf } from './handler-of.ts';

/** remove_field: values are kept aside; attributes of the key are refused. */
export const removeField: HandlerOf<'remove_field'> = (store, rows) =>
  withChecks(removeFieldOfRows(rows), ({ collection, data }) => leavesIndexes(store, collection, data.field_name));
