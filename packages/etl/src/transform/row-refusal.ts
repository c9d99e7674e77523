import type { ErrorCode } from '@polyshift/core';

/** A row that cannot be made, for a reason that is not the conversion of a value: it is rejected with this code. Never leaves the package. */
export class RowRefusal extends Error {
  override readonly name = 'RowRefusal';
  readonly code: ErrorCode;
  readonly field: string;

  constructor(code: ErrorCode, field: string, message: string) {
    super(message);
    this.code = code;
    this.field = field;
  }
}
