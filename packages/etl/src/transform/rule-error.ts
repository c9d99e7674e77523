import type { ErrorCode } from '@polyshift/core';

/** A fault in a rule, found while it is compiled; becomes a PolyshiftError with the place of the rule. */
export class RuleError extends Error {
  override readonly name = 'RuleError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  /** The path below the rule: `['args', 1]`. */
  readonly path: readonly PropertyKey[];

  constructor(code: ErrorCode, message: string, details: { hint?: string | undefined; path?: readonly PropertyKey[] } = {}) {
    super(message);
    this.code = code;
    this.hint = details.hint;
    this.path = details.path ?? [];
  }
}
