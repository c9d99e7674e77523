import { type ErrorCode, isPolyshiftError } from '@polyshift/core';
import type fc from 'fast-check';
import type { Model, Path } from './model.ts';
import type { ModelStage } from './model-stage.ts';

/** A command of the model-based test. */
export type ModelCommand = fc.AsyncCommand<Model, ModelStage>;

/** What a command of polyshift does: up or down. */
export type Move =
  | { readonly kind: 'up'; readonly to?: number | undefined }
  | { readonly kind: 'down'; readonly steps?: number | undefined; readonly to?: number | undefined };

/** One of a list by a number that was drawn, without knowing how long the list will be; undefined where it is empty. */
export function pick<Value>(list: readonly Value[], drawn: number): Value | undefined {
  return list[drawn % list.length];
}

/** A path to its end; returns the code of the error that it ends with. */
export function ended(path: Path): ErrorCode | undefined {
  for (;;) {
    const { done, value } = path.next();
    if (done) return value ?? undefined;
  }
}

/** The code of the error that a command ends with; undefined where it succeeds. Throws what is no error of polyshift. */
export async function codeOf(command: Promise<unknown>): Promise<ErrorCode | undefined> {
  return command.then(
    () => undefined,
    (error: unknown) => {
      if (isPolyshiftError(error)) return error.code;
      throw error;
    },
  );
}
