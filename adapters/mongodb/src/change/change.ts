import type { Document } from 'mongodb';

/** How documents are to be changed. */
export type Change =
  /** The server computes the new document by an update pipeline. */
  | { readonly by: 'pipeline'; readonly stages: Document[] }
  /**
   * The new document is known from the old one alone; undefined leaves it as it is. `update` is the same change as an update that the
   * server carries out, where that is cheaper than to send every document.
   */
  | {
      readonly by: 'bytes';
      readonly transform: (document: Buffer) => Buffer | undefined;
      readonly update?: Document | Document[] | undefined;
    };

/** Which documents, and where their images go. */
export interface ChangeTarget {
  readonly collection: string;
  /** Documents that meet it are changed, each once. */
  readonly filter: Document;
  /** The collection that keeps the images. */
  readonly aside: string;
}
