import { addField as addFieldToRows } from '@polyshift/adapter-kit';
import { fail, portableTypeOf } from '@polyshift/core';
import { withChecks } from '../with-checks.ts';
import type { HandlerOf } from './handler-of.ts';

/** add_field: items that lack the attribute get the default, each by a conditional write. */
export const addField: HandlerOf<'add_field'> = (_store, rows) =>
  withChecks(addFieldToRows(rows), async ({ data: { type } }) =>
    type === undefined || portableTypeOf(type)
      ? []
      : [fail('type', `${JSON.stringify(type)} is no portable type`, 'Name a portable type: text, int64, decimal, boolean, ...')],
  );
