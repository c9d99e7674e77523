import { changeType as changeTypeOfRows } from '@polyshift/adapter-kit';
import { isInNoIndex } from '../indexes/use.ts';
import { withChecks } from '../with-checks.ts';
import type { HandlerOf } from './handler-of.ts';

/** change_type: each value by itself; attributes of keys, of the table or of an index, are refused. All numbers are one type here. */
export const changeType: HandlerOf<'change_type'> = (store, rows) =>
  withChecks(changeTypeOfRows(rows), ({ collection, data }) => isInNoIndex(store, collection, data.field_name));
