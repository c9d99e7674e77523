import { renameByCopy } from '@polyshift/adapter-kit';
import { collectionMover } from '../collections.ts';
import { canBeReplaced, nameIsFree } from '../preconditions.ts';
import { withChecks } from '../with-checks.ts';
import type { HandlerOf } from './handler-of.ts';

/** rename_collection: DynamoDB has no rename, so the table is copied under the new name, compared, and then deleted. */
export const renameCollection: HandlerOf<'rename_collection'> = (store, rows) =>
  withChecks(renameByCopy(rows, collectionMover(store)), async ({ collection, data }) => [
    await nameIsFree(store, data.new_name),
    ...(await canBeReplaced(store, collection)),
  ]);
