import { z } from 'zod';
import { defineOperation, nameSchema } from './operation.ts';
import { mergeSchema, splitSchema } from './split-merge.ts';

/** Operations that can change the new version of a collection while the old one stays in use. */
export const onlineChangeTypes = [
  'add_field',
  'rename_field',
  'remove_field',
  'change_type',
  'migrate_data',
  'set_default',
  'add_constraint',
  'drop_constraint',
  'create_index',
  'alter_index',
  'drop_index',
  'schema_validation',
  'drop_validation',
  'alter_options',
] as const;

/** See the summary; `data` is documented field by field in its schema. */
export const onlineChange = defineOperation({
  type: 'online_change',
  summary:
    'Makes a new version of a collection beside the old one: each write to either reaches the other, the rows are copied and proven, and applications of both versions work side by side until `finalize` puts the new one in the place of the old.',
  undo: 'Drops the new version; the old one has every write that was made to either. After `finalize` it cannot be taken back.',
  example: {
    collection: 'users',
    data: {
      operations: [
        { type: 'change_type', data: { field_name: 'age', to: 'int64' } },
        { type: 'rename_field', data: { old_name: 'mail', new_name: 'email' } },
      ],
    },
  },
  risk: 'data_changed',
  data: z
    .strictObject({
      operations: z
        .array(z.looseObject({ type: z.enum(onlineChangeTypes) }))
        .readonly()
        .default([])
        .describe('the changes of this collection, in order, as they would stand in a migration; `collection` may be left out'),
      split: z
        .array(splitSchema)
        .min(1)
        .readonly()
        .optional()
        .describe(
          'fields that stand in collections of their own in the new version; `operations` do not touch them. A row is there for each row here in which one of them is not null',
        ),
      merge: z
        .array(mergeSchema)
        .min(1)
        .readonly()
        .optional()
        .describe('collections, of one row at most for each row here, whose fields the new version of this one has'),
      back: z
        .record(nameSchema, z.json())
        .optional()
        .describe(
          'for fields of the old version that the new one does not have: what a row gets there that the new version has written, as an expression over its fields (SQL text on SQL stores, an aggregation expression on MongoDB); default: the default of the field',
        ),
      new_collection: nameSchema
        .optional()
        .describe('MongoDB: the name of the new version, which it keeps; default: the name with `_v` and the version behind it'),
      workers: z
        .int()
        .min(1)
        .max(16)
        .default(1)
        .describe(
          'parts of the old version that are copied side by side, on the SQL stores; more than 1 helps where the server has cores to spare. The other stores copy in one line, and say so',
        ),
    })
    .refine(
      ({ operations, split, merge }) => operations.length > 0 || split !== undefined || merge !== undefined,
      'must change something: operations, split or merge',
    ),
});
