import type { AnyOperationInput, OperationType } from '@polyshift/core';
import type { Scenario } from '@polyshift/testkit/conformance';

const byMail: AnyOperationInput = { type: 'create_index', collection: 'items', data: { name: 'items_mail', keys: { mail: 1 } } };
const provisioned: AnyOperationInput = {
  type: 'update_capacity',
  collection: 'items',
  data: { billing_mode: 'provisioned', capacity: { read: 5, write: 6 } },
};

/** What DynamoDB has of its own, on top of the suite's scenarios. */
export const scenarios: Partial<Record<OperationType, readonly Scenario[]>> = {
  create_index: [
    // One over one attribute is made before others: the server takes a second for each.
    {
      title: 'two attributes, on a table with provisioned capacity',
      before: [provisioned],
      operation: {
        type: 'create_index',
        collection: 'items',
        data: { name: 'mail_name', keys: { mail: 1, name: -1 }, options: { projection: 'keys_only' } },
      },
    },
  ],
  add_gsi: [
    {
      title: 'with a sort key and some attributes',
      operation: {
        type: 'add_gsi',
        collection: 'items',
        data: {
          name: 'by_name',
          partition_key: { field: 'name' },
          sort_key: { field: 'id', type: 'decimal' },
          projection: ['mail', 'age'],
        },
      },
    },
  ],
  update_capacity: [
    { title: 'to provisioned, with an index', before: [byMail], operation: provisioned },
    {
      title: 'of table and index',
      before: [byMail, provisioned],
      operation: {
        type: 'update_capacity',
        collection: 'items',
        data: { capacity: { read: 7, write: 6 }, indexes: { items_mail: { read: 2, write: 3 } } },
      },
    },
  ],
  // All numbers are of one type in DynamoDB, so an int64 is no change of an int32.
  change_type: [
    {
      title: 'to text',
      operation: { type: 'change_type', collection: 'items', data: { field_name: 'age', to: 'text' }, batch_size: 11 },
    },
    {
      title: 'to boolean, by an expression',
      operation: {
        type: 'change_type',
        collection: 'items',
        data: { field_name: 'score', to: 'boolean', using: '{"$gt": ["$score", 3]}' },
        batch_size: 25,
      },
    },
  ],
  alter_options: [
    {
      title: 'expiry, stream and protection',
      operation: {
        type: 'alter_options',
        collection: 'items',
        data: { options: { ttl_attribute: 'expires_at', stream_view_type: 'new_and_old_images', deletion_protection: true } },
      },
    },
  ],
  online_change: [
    {
      title: 'with every change of items, and an index',
      operation: {
        type: 'online_change',
        collection: 'items',
        data: {
          operations: [
            { type: 'rename_field', data: { old_name: 'name', new_name: 'title' } },
            { type: 'change_type', data: { field_name: 'score', to: 'text' } },
            { type: 'add_field', data: { field_name: 'tier', default_value: 'gold' } },
            { type: 'remove_field', data: { field_name: 'legacy' } },
            { type: 'migrate_data', data: { pipeline: [{ $set: { mail: { $concat: ['$mail', '!'] } } }] } },
            { type: 'create_index', data: { name: 'items_mail', keys: { mail: 1 } } },
          ],
        },
        batch_size: 25,
      },
    },
  ],
};
