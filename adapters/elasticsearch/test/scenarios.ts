import type { AnyOperationInput, OperationType } from '@polyshift/core';
import type { Scenario } from '@polyshift/testkit/conformance';

const template: AnyOperationInput = {
  type: 'put_template',
  collection: 'logs-*',
  data: { name: 'logs', template: { mappings: { properties: { at: { type: 'date' } } } }, priority: 7 },
};

/** What the suite does not know of Elasticsearch. */
export const scenarios: Partial<Record<OperationType, readonly Scenario[]>> = {
  drop_collection: [{ title: 'with documents', operation: { type: 'drop_collection', collection: 'items', data: {} } }],
  rename_collection: [
    { title: 'with documents', operation: { type: 'rename_collection', collection: 'items', data: { new_name: 'things' } } },
  ],
  remove_field: [
    {
      title: 'of some documents',
      operation: {
        type: 'remove_field',
        collection: 'items',
        data: { field_name: 'mail' },
        conditions: { age: { gte: 40 } },
        batch_size: 7,
      },
    },
  ],
  schema_validation: [
    {
      title: 'that names every field',
      operation: {
        type: 'schema_validation',
        collection: 'items',
        data: {
          schema: {
            properties: { id: {}, name: { bsonType: 'string' }, mail: {}, age: {}, score: {}, legacy: {} },
            additionalProperties: false,
          },
        },
      },
    },
  ],
  alter_options: [
    {
      title: 'a setting that an open index takes',
      operation: {
        type: 'alter_options',
        collection: 'items',
        data: { options: { refresh_interval: '5s', 'mapping.total_fields.limit': 2000 } },
      },
    },
    {
      title: 'an analyzer, by a new index',
      operation: {
        type: 'alter_options',
        collection: 'items',
        data: {
          options: { analysis: { analyzer: { folded: { type: 'custom', tokenizer: 'standard', filter: ['lowercase'] } } } },
        },
        batch_size: 20,
      },
    },
  ],
  put_template: [
    { title: 'first', operation: template },
    {
      title: 'in place of another',
      before: [template],
      operation: {
        type: 'put_template',
        collection: 'logs-*,traces-*',
        data: { name: 'logs', template: { settings: { number_of_shards: 1 } } },
      },
    },
  ],
  drop_template: [
    { title: 'by name', before: [template], operation: { type: 'drop_template', collection: 'logs-*', data: { name: 'logs' } } },
  ],
  online_change: [
    {
      title: 'with a rename, a default and a pipeline',
      operation: {
        type: 'online_change',
        collection: 'items',
        data: {
          operations: [
            { type: 'rename_field', data: { old_name: 'name', new_name: 'title' } },
            { type: 'add_field', data: { field_name: 'tier', default_value: 'gold' } },
            { type: 'migrate_data', data: { pipeline: [{ $set: { mail: { $concat: ['$mail', '!'] } } }] } },
          ],
        },
        batch_size: 25,
      },
    },
  ],
};
