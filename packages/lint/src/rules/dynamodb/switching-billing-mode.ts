import { operationRule } from '../../operations/rule.ts';

/** Switches the billing mode. */
export const switchingBillingMode = operationRule({
  code: 'DY007',
  name: 'switching-billing-mode',
  store: 'dynamodb',
  level: 'warning',
  doc: {
    what: 'Switches the billing mode.',
    why: 'It can be switched to on-demand four times in 24 hours, and a table that goes to provisioned throttles at once where the numbers are too small.',
    lock: 'Nothing is locked; the table is UPDATING for minutes.',
    safe: 'Take the capacity from the metrics of a busy day; switch in a quiet hour.',
  },
  examples: {
    unsafe: [
      [{ type: 'update_capacity', collection: 'orders', data: { billing_mode: 'provisioned', capacity: { read: 1, write: 1 } } }],
    ],
    safe: [[{ type: 'update_capacity', collection: 'orders', data: { capacity: { read: 5, write: 5 } } }]],
  },
  *check(operation) {
    if (operation.type === 'update_capacity' && operation.data.billing_mode)
      yield { path: ['data', 'billing_mode'], message: `${operation.collection} is billed and throttled otherwise from now on.` };
  },
});
