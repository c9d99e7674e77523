import type { AnyOperationInput } from '@polyshift/core';

/** An operation on a table with everything on it, for the properties that every operation must have. */
export interface OperationCase {
  readonly name: string;
  readonly operation: AnyOperationInput & { collection?: string };
  /** Run before, beside the common set-up. */
  readonly setUp?: string;
  /** Tables whose fingerprints must come back. */
  readonly tables?: readonly string[];
}
