import type { StoreName } from '@polyshift/core';

/** The store that a file is for. */
export interface SourceOwner {
  /** Its type: `postgresql`, `mysql`, ... */
  readonly store: StoreName;
  /** Sources with the same key run on the same store one after the other: what one did, the next one knows. */
  readonly history: string;
}

/** A file to read. */
export interface LintSource {
  /** Its full path. */
  readonly path: string;
  /** As findings name it: relative to the working folder. */
  readonly file: string;
  /** False for migrations that are read only for what they did. */
  readonly report: boolean;
  /**
   * The store that it is for, by the name that the migration gives; undefined where the file is not to be read for it.
   * @throws PolyshiftError UNKNOWN_STORE
   */
  owner(name: string | undefined): SourceOwner | undefined;
}
