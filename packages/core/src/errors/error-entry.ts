import type { ExitCode } from './exit-codes.ts';

/** The manual entry of one error code: docs/errors.md is generated from these. */
export interface ErrorEntry {
  /** Stable number, never reused. The first digit groups: 1 input, 2 store, 3 history and lock, 4 run and checks, 5 ETL, 9 internal. */
  readonly number: string;
  /** What has happened, in one sentence. */
  readonly meaning: string;
  /** What the user does about it. */
  readonly action: string;
  /** The exit code of a command that ends with it. */
  readonly exit: ExitCode;
}
