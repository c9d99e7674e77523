import type { ErrorCode } from '../errors/codes.ts';

/** A value that cannot be converted: the row is rejected with CONVERSION_FAILED. `instanceof` knows it by its name, so that copies of this package agree. */
export class ConversionError extends Error {
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && (value.name === 'ConversionError' || value.name === 'LossRefusedError');
  }

  override readonly name: string = 'ConversionError';
  /** The code that the rejected row has. */
  readonly code: ErrorCode = 'CONVERSION_FAILED';
}

/** A value that would lose digits, where the spec allows no loss: the row is rejected with LOSS_REFUSED. */
export class LossRefusedError extends ConversionError {
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === 'LossRefusedError';
  }

  override readonly name = 'LossRefusedError';
  override readonly code = 'LOSS_REFUSED';
}

/** Text of at most 60 characters, for messages. */
export function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
