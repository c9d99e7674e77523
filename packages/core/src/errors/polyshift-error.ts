import { type ErrorCode, errorEntries } from './codes.ts';
import type { ExitCode } from './exit-codes.ts';
import { maskSecrets, maskValue } from './mask.ts';

/** Where in the user's input an error lies. */
export interface ErrorPlace {
  /** File, relative to the working folder. */
  file?: string;
  /** Line, from 1. */
  line?: number;
  /** Column, from 1. */
  column?: number;
  /** Path inside the document, like `operations[2].data.field_name`. */
  path?: string;
}

/** What a `PolyshiftError` is made of. */
export interface ErrorDetails {
  /** What the user can do now, more exact than the manual entry of the code. */
  hint?: string;
  place?: ErrorPlace;
  /** Whether the same call may pass when it is tried again after a pause. Default false. */
  retryable?: boolean;
  cause?: unknown;
  /** Facts for machines, snake_case; secrets in its texts are masked. */
  data?: Record<string, unknown>;
}

/** The only error that polyshift's packages throw on purpose; what a driver throws is its `cause`. Secrets in all its texts are masked; those of the cause are the driver's. `instanceof` knows it by its name, so that copies of this package agree. */
export class PolyshiftError extends Error {
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === 'PolyshiftError';
  }

  override readonly name = 'PolyshiftError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly place: ErrorPlace | undefined;
  readonly retryable: boolean;
  readonly data: Record<string, unknown> | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(maskSecrets(message), details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = details.hint === undefined ? undefined : maskSecrets(details.hint);
    this.place = details.place;
    this.retryable = details.retryable ?? false;
    this.data = details.data === undefined ? undefined : (maskValue(details.data) as Record<string, unknown>);
  }

  /** The stable number of the code, like `PS1001`. */
  get number(): string {
    return errorEntries[this.code].number;
  }

  /** The exit code of a command that ends with this error. */
  get exit(): ExitCode {
    return errorEntries[this.code].exit;
  }

  /** The form in `--json` output. */
  toJSON(): Record<string, unknown> {
    return {
      code: this.code,
      number: this.number,
      message: this.message,
      hint: this.hint ?? errorEntries[this.code].action,
      ...(this.place ? { place: this.place } : {}),
      retryable: this.retryable,
      ...(this.data ? { data: this.data } : {}),
    };
  }
}

/** Whether a caught value is a `PolyshiftError`; `code` narrows further. */
export function isPolyshiftError(error: unknown, code?: ErrorCode): error is PolyshiftError {
  return error instanceof PolyshiftError && (code === undefined || error.code === code);
}
