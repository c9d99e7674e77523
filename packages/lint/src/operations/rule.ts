import type { AnyOperationInput, CheckDefinition, Operation } from '@polyshift/core';
import type { Problem, RuleHead, RuleStore } from '../rule.ts';
import type { LintSettings } from '../settings.ts';

/** What a rule over operations knows beside the operation that it reads. */
export interface OperationContext {
  readonly settings: LintSettings;
  /** The store that the migration is for. */
  readonly store: string;
  /** The operations of the migration, all of them, in order. */
  readonly operations: readonly Operation[];
  /** The checks that run before the first operation, but for functions. */
  readonly checks: readonly CheckDefinition[];
  /** The operations of earlier migrations, oldest first. */
  readonly earlier: readonly Operation[];
  /** Whether this migration created the collection before the operation: nobody else uses it yet. */
  isNew(collection: string): boolean;
}

/** A migration of examples: its operations as users write them. */
export type OperationExample = readonly AnyOperationInput[];

/** A rule over the operations of a migration. */
export interface OperationRule extends RuleHead {
  readonly store: RuleStore;
  readonly examples: {
    /** The rule names the last operation of each of these. */
    readonly unsafe: readonly [OperationExample, ...OperationExample[]];
    /** The rule is silent about these. */
    readonly safe: readonly [OperationExample, ...OperationExample[]];
  };
  check(operation: Operation, context: OperationContext): Iterable<Problem>;
}

/** Makes a rule over operations from its parts. */
export function operationRule(parts: OperationRule): OperationRule {
  return Object.freeze(parts);
}
