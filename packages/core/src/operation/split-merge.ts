import { z } from 'zod';
import { type Check, fail } from '../checks/check.ts';
import { nameSchema } from './operation.ts';
import type { Operation } from './registry.ts';

const partKeySchema = z
  .array(nameSchema)
  .min(1)
  .readonly()
  .optional()
  .describe('its fields that hold the key of this collection, in the order of that key');

/** Fields of a collection that are a collection of their own in the new version: a split. */
export const splitSchema = z.strictObject({
  into: nameSchema.describe('the new collection, which has this name from the beginning'),
  fields: z
    .array(nameSchema)
    .min(1)
    .readonly()
    .describe('the fields of the old version that stand there, and no longer in the new version of this collection'),
  key: partKeySchema.describe(
    'what the fields are called there that hold the key of this collection; default: as here. Each row there belongs to one row here',
  ),
});

/** A collection whose fields are fields of another one in the new version: a merge. */
export const mergeSchema = z.strictObject({
  from: nameSchema.describe('the collection whose fields this one gets; it ends with the old version'),
  fields: z
    .array(nameSchema)
    .min(1)
    .readonly()
    .optional()
    .describe('its fields that this collection gets, under the same names; default: all but the key'),
  key: partKeySchema.describe(
    'its fields that hold the key of this collection, which must be a key or unique there; default: its own key',
  ),
});

/** The collections, beside its own, that an online change makes or ends. */
export function partsOf(operation: Operation<'online_change'>): string[] {
  const { split = [], merge = [] } = operation.data;
  return [...split.map(({ into }) => into), ...merge.map(({ from }) => from)];
}

/** The check by which a store refuses splits and merges that it does not carry; none where there are none. */
export function refuseParts(operation: Operation<'online_change'>, reason: string): Check[] {
  const parts = partsOf(operation);
  if (parts.length === 0) return [];
  return [
    fail(
      'split_merge',
      `${operation.collection} cannot be split or merged with ${parts.join(', ')} online: ${reason}`,
      'Move the fields by an ETL spec while nobody writes, and remove them in a migration behind it.',
    ),
  ];
}
