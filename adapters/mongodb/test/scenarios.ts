import type { Scenario } from '@polyshift/testkit/conformance';

/** Operations that only MongoDB has, for the conformance suite. */
export const scenarios = {
  merge_pipeline: [
    {
      title: 'into a new collection',
      operation: {
        type: 'merge_pipeline',
        collection: 'items',
        data: { pipeline: [{ $match: { age: { $gte: 0 } } }, { $group: { _id: '$age', count: { $sum: 1 } } }], into: 'ages' },
        batch_size: 9,
      },
    },
    {
      title: 'into itself, by a pipeline that must be applied once',
      operation: {
        type: 'merge_pipeline',
        collection: 'items',
        data: {
          pipeline: [{ $match: { age: { $gte: 30 } } }, { $project: { score: 1 } }],
          into: 'items',
          when_matched: [{ $set: { age: { $add: ['$age', 1] }, copied: '$$new.score' } }],
        },
        batch_size: 9,
      },
    },
  ],
  online_change: [
    {
      title: 'a rename and a retype, with an index',
      before: [{ type: 'create_index', collection: 'items', data: { name: 'items_mail', keys: { mail: 1 } } }],
      operation: {
        type: 'online_change',
        collection: 'items',
        data: {
          operations: [
            { type: 'rename_field', data: { old_name: 'mail', new_name: 'email' } },
            { type: 'change_type', data: { field_name: 'age', to: 'int64' } },
            { type: 'drop_index', data: { name: 'items_mail' } },
            { type: 'create_index', data: { name: 'items_email', keys: { email: 1 }, unique: true } },
          ],
        },
        batch_size: 17,
      },
    },
    {
      title: 'fields that come, go and are computed, under a name of its own',
      operation: {
        type: 'online_change',
        collection: 'items',
        data: {
          operations: [
            { type: 'add_field', data: { field_name: 'tier', default_value: 'gold' }, conditions: { age: { gte: 30 } } },
            { type: 'migrate_data', data: { pipeline: [{ $set: { name: { $concat: ['$name', '!'] } } }] } },
            { type: 'remove_field', data: { field_name: 'legacy' } },
            { type: 'schema_validation', data: { schema: { bsonType: 'object', required: ['name'] } } },
          ],
          back: { name: { $substrCP: ['$name', 0, { $subtract: [{ $strLenCP: '$name' }, 1] }] } },
          new_collection: 'things',
        },
        batch_size: 17,
      },
    },
  ],
  alter_options: [
    {
      title: 'images of changes',
      operation: {
        type: 'alter_options',
        collection: 'items',
        data: { options: { changeStreamPreAndPostImages: { enabled: true } } },
      },
    },
  ],
  rename_field: [
    {
      title: 'inside of a document',
      before: [
        {
          type: 'migrate_data',
          collection: 'items',
          data: { pipeline: [{ $set: { at: { city: '$name', zip: '$age' } } }] },
        },
      ],
      operation: {
        type: 'rename_field',
        collection: 'items',
        data: { old_name: 'at.city', new_name: 'at.town' },
        batch_size: 13,
      },
    },
  ],
  add_field: [
    {
      title: 'inside of a document that is not there',
      operation: {
        type: 'add_field',
        collection: 'items',
        data: { field_name: 'settings.mail.weekly', default_value: true },
        batch_size: 13,
      },
    },
  ],
  alter_index: [
    {
      title: 'hidden',
      before: [{ type: 'create_index', collection: 'items', data: { name: 'items_mail', keys: { mail: 1 } } }],
      operation: { type: 'alter_index', collection: 'items', data: { name: 'items_mail', hidden: true } },
    },
  ],
  load: [
    {
      title: 'from another collection, by a key of its own',
      before: [
        { type: 'extract', collection: 'items', conditions: { age: { gte: 40 } }, data: { into: 'elders' } },
        { type: 'create_index', collection: 'items', data: { name: 'items_mail', keys: { mail: 1 }, unique: true } },
      ],
      operation: {
        type: 'load',
        collection: 'items',
        data: { from: 'elders', fields: { mail: 'mail', elder: 'name' }, key: ['mail'], mode: 'upsert' },
        batch_size: 5,
      },
    },
  ],
  extract: [
    {
      title: 'distinct values',
      operation: {
        type: 'extract',
        collection: 'items',
        conditions: { age: { gte: 1 } },
        data: { into: 'ages', fields: ['age'], distinct: true, key: ['age'] },
      },
    },
    {
      title: 'with stages of aggregations',
      operation: {
        type: 'extract',
        collection: 'items',
        conditions: { age: { lt: 14 } },
        data: {
          into: 'kinds',
          pipeline: [{ $group: { _id: { $lt: ['$age', 13] }, count: { $sum: 1 } } }, { $set: { young: { $toString: '$_id' } } }],
          fields: ['young', 'count'],
          key: ['young'],
        },
      },
      result: {
        collection: 'kinds',
        fields: ['_id', 'young', 'count'],
        rows: [
          ['false', 'false', '1'],
          ['true', 'true', '2'],
        ],
      },
    },
  ],
} satisfies Record<string, readonly Scenario[]>;
