import { dropByCopy } from '@polyshift/adapter-kit';
import { collectionMover } from '../collections.ts';
import { canBeReplaced } from '../preconditions.ts';
import { withChecks } from '../with-checks.ts';
import type { HandlerOf } from './handler-of.ts';

/** drop_collection: copied into a table aside, compared, then deleted. */
export const dropCollection: HandlerOf<'drop_collection'> = (store, rows) =>
  withChecks(dropByCopy(rows, collectionMover(store)), ({ collection }) => canBeReplaced(store, collection));
