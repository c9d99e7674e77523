import { freshDatabase } from '@polyshift/testkit';
import { conformance } from '@polyshift/testkit/conformance';
import { inject } from 'vitest';
import mongodb from '../src/index.ts';

conformance(
  mongodb,
  { fresh: () => freshDatabase({ store: 'mongodb', url: inject('mongodbUrl') }) },
  {
    key: '_id',
    unreachable_url: 'mongodb://app:s3cret@127.0.0.1:9/none',
    scenarios: {
      alter_options: [
        {
          title: 'validation level by collMod',
          before: [
            { type: 'schema_validation', collection: 'items', data: { schema: { bsonType: 'object', required: ['name'] } } },
          ],
          operation: { type: 'alter_options', collection: 'items', data: { options: { validationLevel: 'moderate' } } },
        },
      ],
      merge_pipeline: [
        {
          title: 'into a new collection',
          operation: {
            type: 'merge_pipeline',
            collection: 'items',
            data: { pipeline: [{ $group: { _id: '$age', count: { $sum: 1 } } }], into: 'ages' },
          },
        },
        {
          title: 'into itself, over documents that exist',
          operation: {
            type: 'merge_pipeline',
            collection: 'items',
            data: { pipeline: [{ $match: { age: { $gte: 30 } } }, { $project: { seen: { $literal: true } } }], into: 'items' },
          },
        },
      ],
    },
  },
);
