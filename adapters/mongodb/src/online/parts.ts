import type { JsonObject } from '@polyshift/core';
import type { Side } from './ledger-entry.ts';

/** A collection each of whose documents holds some fields of one document of a version, as a step keeps it for its way back. */
export interface PartUndo extends JsonObject {
  /** The version whose documents have these fields there: the new one for a split, the old one for a merge. */
  side: Side;
  collection: string;
  /** Its field that holds the _id of the document that it belongs to. */
  key: string;
  /** The fields that stand there. */
  fields: string[];
}

/** The same, by the name that its collection has now. */
export interface Part {
  readonly side: Side;
  readonly collection: string;
  readonly key: string;
  readonly fields: ReadonlySet<string>;
}

/** A part with the name that it has as long as it is in use, and the one that it gets when its version ends. */
export interface NamedPart extends Part {
  readonly ended: string;
}

/** The parts of one version. */
export function partsOfSide<Each extends Part>(parts: readonly Each[], side: Side): Each[] {
  return parts.filter((part) => part.side === side);
}

/** Parts whose own _id says nothing of the document that they belong to. */
export function hasOwnIds({ key }: Part): boolean {
  return key !== '_id';
}
