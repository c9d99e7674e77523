import type { ConformanceOptions } from '@polyshift/testkit/conformance';

const index = {
  type: 'create_index',
  collection: 'items',
  data: { name: 'items_mail', keys: { mail: 1 }, unique: true },
} as const;
const toJson = { type: 'change_encoding', collection: 'items', data: { to: 'json' } } as const;

/** What the suite cannot know: operations of Redis alone, and those of all stores over JSON and indexes. */
export const scenarios: NonNullable<ConformanceOptions['scenarios']> = {
  change_encoding: [
    { title: 'hashes to JSON, in small batches', operation: { ...toJson, batch_size: 7 } },
    {
      title: 'some rows of JSON to hashes, with an index',
      before: [toJson, index],
      operation: {
        type: 'change_encoding',
        collection: 'items',
        conditions: { age: { gte: 30 } },
        data: { to: 'hash' },
        batch_size: 7,
      },
    },
  ],
  alter_options: [
    {
      title: 'the encoding of new rows',
      operation: { type: 'alter_options', collection: 'items', data: { options: { encoding: 'json' } } },
    },
  ],
  create_index: [
    {
      title: 'by number',
      operation: { type: 'create_index', collection: 'items', data: { name: 'items_age', keys: { age: 1 } } },
    },
    {
      title: 'sets, sparse',
      operation: {
        type: 'create_index',
        collection: 'items',
        data: { name: 'items_legacy', keys: { legacy: 'hashed' }, sparse: true },
      },
    },
  ],
  migrate_data: [
    {
      title: 'rows of JSON under indexes',
      before: [toJson, index, { type: 'create_index', collection: 'items', data: { name: 'items_age', keys: { age: 1 } } }],
      operation: {
        type: 'migrate_data',
        collection: 'items',
        data: { pipeline: [{ $set: { mail: { $concat: ['x', '$mail'] }, age: { $add: ['$age', 1] } } }] },
        batch_size: 25,
      },
    },
  ],
  rename_collection: [
    {
      title: 'JSON under indexes of every form',
      before: [
        toJson,
        index,
        { type: 'create_index', collection: 'items', data: { name: 'items_age', keys: { age: 1 } } },
        { type: 'create_index', collection: 'items', data: { name: 'items_legacy', keys: { legacy: 'hashed' } } },
      ],
      operation: { type: 'rename_collection', collection: 'items', data: { new_name: 'things' } },
    },
  ],
  rename_field: [
    {
      title: 'in JSON',
      before: [toJson],
      operation: { type: 'rename_field', collection: 'items', data: { old_name: 'name', new_name: 'title' } },
    },
  ],
  online_change: [
    {
      title: 'of JSON, with every change of rows',
      before: [toJson],
      operation: {
        type: 'online_change',
        collection: 'items',
        data: {
          operations: [
            { type: 'rename_field', data: { old_name: 'name', new_name: 'title' } },
            { type: 'change_type', data: { field_name: 'age', to: 'text' } },
            { type: 'add_field', data: { field_name: 'tier', default_value: 'gold' } },
            { type: 'remove_field', data: { field_name: 'legacy' } },
            { type: 'migrate_data', data: { pipeline: [{ $set: { mail: { $concat: ['$mail', '!'] } } }] } },
            { type: 'create_index', data: { name: 'items_title', keys: { title: 1 } } },
          ],
        },
        batch_size: 25,
      },
    },
  ],
};
