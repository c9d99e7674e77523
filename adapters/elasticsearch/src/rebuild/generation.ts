import type { JsonObject, RunContext } from '@polyshift/core';
import { getCollection, onlyIndex, takenNames } from '../collection/collection.ts';
import { versionedName } from '../collection/names.ts';
import type { StoredDocument } from '../documents/document.ts';
import type { Store } from '../store.ts';

/** What rollback of a rebuild needs: the index that was behind the name, and what it was. */
export interface GenerationUndo extends JsonObject {
  /** The index that is built; the name stands for it afterwards. */
  next: string;
  /** Whether the name was an index itself, which becomes an alias first and an index again on rollback. */
  plain: boolean;
  /** Whether its writes were blocked already. */
  blocked: boolean;
}

/** How the documents of the next index are made from those of the old one. */
export interface Transformation {
  /** Throws ConversionError for a document that cannot be converted. */
  forward(document: StoredDocument): StoredDocument;
  /**
   * The way back of a document that was written since, with the old document of the same id where there is one. Throws ConversionError where it
   * cannot be told.
   */
  backward(document: StoredDocument, old: StoredDocument | undefined): StoredDocument;
}

/** Documents as they are. */
export const unchanged: Transformation = { forward: (document) => document, backward: (document) => document };

/** What the next index is made with. */
export interface NextIndex {
  readonly mappings: JsonObject;
  readonly settings: JsonObject;
}

/** What rollback will need, found out before anything is changed. */
export async function planGeneration(store: Store, collection: string): Promise<GenerationUndo> {
  const found = await getCollection(store, collection);
  const { settings } = onlyIndex(found);
  const taken = await takenNames(store);
  const plain = found.kind === 'plain';
  // A plain index gets the first free name when it becomes an alias.
  if (plain) taken.add(versionedName(store, collection, taken));
  return { next: versionedName(store, collection, taken), plain, blocked: settings['index.blocks.write'] === 'true' };
}

/** The place aside where the swap of a step is noted. */
export function swapNotes(run: Pick<RunContext, 'aside'>): string {
  return `swap_${run.aside}`;
}
