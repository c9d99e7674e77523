import type { AnyOperationInput, OperationType } from '@polyshift/core';
import type { Scenario } from '@polyshift/testkit/conformance';

const view: AnyOperationInput = {
  type: 'create_materialized_view',
  collection: 'items',
  data: { name: 'items_by_mail', partition_key: ['mail'], clustering_key: { id: -1 }, fields: ['name', 'age'] },
};
const index: AnyOperationInput = { type: 'create_index', collection: 'items', data: { name: 'items_mail', keys: { mail: 1 } } };

/** What Cassandra writes in its own way, beside the suite's own scenarios. */
export const scenarios: Partial<Record<OperationType, readonly Scenario[]>> = {
  create_index: [
    { title: 'a secondary index', operation: index },
    {
      title: 'a storage-attached index with options',
      operation: {
        type: 'create_index',
        collection: 'items',
        data: { name: 'items_name', keys: { name: 1 }, method: 'sai', options: { case_sensitive: false } },
      },
    },
  ],
  remove_field: [
    {
      title: 'an indexed field',
      before: [index],
      operation: { type: 'remove_field', collection: 'items', data: { field_name: 'mail' } },
    },
  ],
  rename_field: [
    {
      title: 'a field of the key',
      operation: { type: 'rename_field', collection: 'items', data: { old_name: 'id', new_name: 'number' } },
    },
  ],
  create_materialized_view: [{ title: 'of some fields', operation: view }],
  drop_materialized_view: [
    {
      title: 'that a migration has made',
      before: [view],
      operation: { type: 'drop_materialized_view', collection: 'items', data: { name: 'items_by_mail' } },
    },
  ],
  alter_options: [
    {
      title: 'a number, a text and a map',
      operation: {
        type: 'alter_options',
        collection: 'items',
        data: { options: { gc_grace_seconds: 3600, comment: "it's", caching: { keys: 'NONE', rows_per_partition: '10' } } },
      },
    },
  ],
  run_sql: [
    {
      title: 'a script that makes a table and rows',
      operation: {
        type: 'run_sql',
        data: {
          up: `CREATE TABLE extra (id int PRIMARY KEY, name text); -- a comment; with a semicolon
            BEGIN BATCH INSERT INTO extra (id, name) VALUES (1, 'a;b'); INSERT INTO extra (id, name) VALUES (2, 'it''s'); APPLY BATCH;`,
          down: 'DROP TABLE extra',
        },
      },
    },
  ],
  online_change: [
    {
      title: 'with every change of rows',
      operation: {
        type: 'online_change',
        collection: 'items',
        data: {
          operations: [
            { type: 'rename_field', data: { old_name: 'name', new_name: 'title' } },
            { type: 'add_field', data: { field_name: 'tier', type: 'text', default_value: 'gold' } },
            { type: 'remove_field', data: { field_name: 'legacy' } },
            { type: 'migrate_data', data: { pipeline: [{ $set: { mail: { $concat: ['$mail', '!'] } } }] } },
          ],
        },
        batch_size: 25,
      },
    },
  ],
};
