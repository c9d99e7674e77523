import type { JsonObject, RunContext } from '@polyshift/core';
import { asideCollection } from '../store.ts';
import type { NamedPart, PartUndo } from './parts.ts';

/** What rollback, catching up and the end of either version need to know. */
export interface OnlineUndo extends JsonObject {
  /** The name of the new version, which it keeps. */
  new_collection: string;
  /** The BSON type that most documents of the old version have in a field which a change_type converts, by the field as that operation names it. */
  types: { [field: string]: string };
  /** The collections of splits and merges; missing in records that were written before there were any. */
  parts?: PartUndo[];
}

/** The collections that an online change works with. */
export interface OnlineNames {
  readonly old: string;
  readonly new: string;
  /** The other collections that hold fields of either version. */
  readonly parts: readonly NamedPart[];
  /** What both versions held when they were last in step, and the writes that one of them has refused. */
  readonly ledger: string;
  /** How far the change is, and the mark that the feed of changes is read up to. */
  readonly state: string;
  /** Where the old version goes at its end. */
  readonly endedOld: string;
  /** Where the new version goes at its end, when it is taken back. */
  readonly endedNew: string;
}

/** The names of the collections of one step. */
export function onlineNames(collection: string, undo: OnlineUndo, place: Pick<RunContext, 'aside'>): OnlineNames {
  return {
    old: collection,
    new: undo.new_collection,
    parts: (undo.parts ?? []).map(({ side, collection: name, key, fields }, index) => ({
      side,
      collection: name,
      key,
      fields: new Set(fields),
      ended: asideCollection(place.aside, `part${index}`),
    })),
    ledger: asideCollection(place.aside, 'ledger'),
    state: asideCollection(place.aside, 'online'),
    endedOld: asideCollection(place.aside),
    endedNew: asideCollection(place.aside, 'ended'),
  };
}
