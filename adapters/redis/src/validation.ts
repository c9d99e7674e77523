import { compileValidation } from '@polyshift/adapter-kit';
import type { PortableDocument } from '@polyshift/core';
import type { ValidationDefinition } from './definitions/definition.ts';

const compiled = new WeakMap<ValidationDefinition, (document: PortableDocument) => readonly string[]>();

/** The test of documents against a stored validation schema; undefined where it has no effect (with `refusing`: where it refuses nothing). */
export function violationsOf(
  validation: ValidationDefinition,
  refusing: boolean,
): ((document: PortableDocument) => readonly string[]) | undefined {
  if (refusing && (validation.level === 'off' || validation.action === 'warn')) return undefined;
  let test = compiled.get(validation);
  if (!test) {
    test = compileValidation(validation.schema);
    compiled.set(validation, test);
  }
  return test;
}
