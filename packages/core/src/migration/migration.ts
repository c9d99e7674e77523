import type { AnyOperationInput, Operation } from '../operation/registry.ts';

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
  readonly store?: string | undefined;
  /** `sha256:` and the digest of the operations in normal form: comments and layout of the file do not count. */
  readonly checksum: string;
  /** The file (for SQL the up file), relative to the working folder. */
  readonly file: string;
}

/** Gives a migration in a TypeScript file its types: `export default defineMigration({ operations: [...] })`. */
export function defineMigration(migration: MigrationInput): MigrationInput {
  return migration;
}
