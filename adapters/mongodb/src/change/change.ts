import type { Document } from 'mongodb';

/** How documents are to be changed. */
export type Change =
  /** The server computes the new document by an update pipeline. */
  | { readonly by: 'pipeline'; readonly stages: Document[] }
  /**
   * The new document is known from the old one alone; undefined leaves it as it is. `update` is the same change as an update that the
   * server carries out, where that is cheaper than to send every document. `carried` is the same as stages of an aggregation that let the
   * field pass by that holds the document as it was before.
   */
  | {
      readonly by: 'bytes';
      readonly transform: (document: Buffer) => Buffer | undefined;
      readonly update?: Document | Document[] | undefined;
      readonly carried?: Document[] | undefined;
    };

/** A change that the server carries out with all that belongs to it. */
export interface ServerChange {
  readonly update: Document | Document[];
  /** Stages of an aggregation that make of a document what rollback needs, under its _id. */
  readonly kept: Document[];
}

/** Which documents, and where their images go. */
export interface ChangeTarget {
  readonly collection: string;
  /** Documents that meet it are changed, each once. */
  readonly filter: Document;
  /** The collection that keeps the images. */
  readonly aside: string;
}
