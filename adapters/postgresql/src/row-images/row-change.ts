import type { Bind } from '../parameters.ts';
import type { ImageTable } from './image-table.ts';

/** A change of rows in place. */
export interface RowChange {
  readonly images: ImageTable;
  /** Which rows, as an SQL condition over the table by its own name. */
  readonly where: (bind: Bind) => string;
  /** The new value of each intended column, in order, as SQL over the row. */
  readonly values: (bind: Bind) => readonly string[];
  readonly batchSize: number;
}
