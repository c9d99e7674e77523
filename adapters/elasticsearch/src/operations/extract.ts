import { extract as extractRows } from '@polyshift/adapter-kit';
import type { JsonObject } from '@polyshift/core';
import { dropCollectionIndex, makeCollectionLike } from '../collection/make-collection.ts';
import type { HandlerOf } from './parts.ts';

/** extract: into a new collection with the mapping and the settings of the old one. */
export const extract: HandlerOf<'extract', JsonObject> = ({ store, operations }) =>
  extractRows(operations, {
    createLike: (collection, like, key) => makeCollectionLike(store, collection, like, key),
    drop: (collection) => dropCollectionIndex(store, collection),
  });
