import type { Conditions, OperationData } from '@polyshift/core';

/** How an index is kept. */
export type IndexForm =
  /** A sorted set: the score is the number or time of the one field, the member the row. */
  | 'score'
  /** A sorted set whose scores are 0: the member is the texts of the fields and the row, in the order of bytes. */
  | 'lex'
  /** A set for each value, of the rows that have it. */
  | 'set'
  /** A hash: the values of the fields to the one row that has them. */
  | 'unique';

/** An index as a definition keeps it. */
export interface IndexDefinition {
  readonly name: string;
  readonly form: IndexForm;
  readonly keys: OperationData<'create_index'>['keys'];
  /** Leaves out rows that have none of the fields. */
  readonly sparse: boolean;
  /** Leaves out rows that do not meet these conditions. */
  readonly where?: Conditions | undefined;
}
