import type { Place } from './place.ts';

/** Statements to read: a whole file, or the text of a `run_sql`. */
export interface Script {
  readonly sql: string;
  /** Where an offset of `sql`, in characters, stands in the file. */
  place(offset: number): Place;
  /** Whether whoever runs it wraps it in a transaction. */
  readonly transaction: boolean;
  /** Whether polyshift runs it as a migration. */
  readonly migration: boolean;
}
