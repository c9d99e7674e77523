import { ConversionError, isPolyshiftError, type PortableDocument } from '@polyshift/core';
import type { FieldEdit } from '../row-store.ts';

/** A question for a survey: for which rows an edit fails, by a value that it does not take or by the validation schema. */
export interface FailingEdits {
  readonly fails: (document: PortableDocument) => boolean;
  /** The first reason, behind a semicolon; empty before there is one. */
  example(): string;
}

/** Asks edits, before anything is changed. What is wrong with the operation rather than with a row is thrown. */
export function failingEdits(edits: (document: PortableDocument) => readonly FieldEdit[]): FailingEdits {
  let example = '';
  return {
    fails(document) {
      try {
        edits(document);
        return false;
      } catch (error) {
        const ofRow = error instanceof ConversionError || isPolyshiftError(error, 'CONVERSION_FAILED');
        if (!ofRow && !isPolyshiftError(error, 'CONSTRAINT_VIOLATED')) throw error;
        example ||= `; ${error.message}`;
        return true;
      }
    },
    example: () => example,
  };
}
