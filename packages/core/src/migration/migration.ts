import type { CheckDefinition, CheckDefinitionInput } from '../checks/check-definition.ts';
import type { CustomCheck } from '../checks/custom-check.ts';
import type { AnyOperationInput, Operation } from '../operation/registry.ts';

/** Checks around the operations of a migration: what must hold before the first and after the last. */
export interface MigrationChecks<Definition> {
  /** A failed one stops the migration before anything is changed. */
  readonly before?: readonly (Definition | CustomCheck)[] | undefined;
  /** A failed one takes everything back. */
  readonly after?: readonly (Definition | CustomCheck)[] | undefined;
}

/** A migration as users write it, in TypeScript by `defineMigration`, in YAML and JSON by the same keys. */
export interface MigrationInput {
  /** What it is for, one line; shown by `plan` and `status`. */
  readonly description?: string;
  /** The changes, in order. */
  readonly operations: readonly AnyOperationInput[];
  /**
   * Operations that `down` runs instead of the exact undo. Only for those who want a way back that differs from "as it was";
   * what they change can itself be taken back while they run.
   */
  readonly down?: readonly AnyOperationInput[];
  /** What must hold before and after. They may be changed later: they do not count for the checksum. */
  readonly checks?: MigrationChecks<CheckDefinitionInput>;
  /**
   * Whether an application goes on using the old version of the collections while it uses the new one: each change is made to a new version beside the
   * old one (`online_change`). The same as `up --online`, for this migration. Default false. Does not count for the checksum.
   */
  readonly online?: boolean;
  /** The store of the configuration that it belongs to; the default store where missing. */
  readonly store?: string;
}

/** A migration that was read and checked. */
export interface Migration {
  /** The digits of the file name, as text: `0002`. Ordered by number. */
  readonly version: string;
  /** The rest of the file name: `verified_email`. */
  readonly name: string;
  readonly description?: string | undefined;
  readonly operations: readonly Operation[];
  readonly down?: readonly Operation[] | undefined;
  readonly checks?: MigrationChecks<CheckDefinition> | undefined;
  readonly store?: string | undefined;
  readonly online?: boolean | undefined;
  /** `sha256:` and the digest of the operations in normal form: comments and layout of the file do not count. */
  readonly checksum: string;
  /** The file (for SQL the up file), relative to the working folder. */
  readonly file: string;
}

/** Gives a migration in a TypeScript file its types: `export default defineMigration({ operations: [...] })`. */
export function defineMigration(migration: MigrationInput): MigrationInput {
  return migration;
}
