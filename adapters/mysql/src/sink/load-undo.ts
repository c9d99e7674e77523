import type { LoadUndo } from '@polyshift/core';

/** What this adapter adds to the undo record. */
export interface MysqlLoadUndo extends LoadUndo {
  schema: string;
  name: string;
  key: string[];
  /** The columns that are written, in the order of the table. */
  columns: string[];
}
