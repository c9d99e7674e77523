import { choiceFunctions } from './choice.ts';
import type { BuiltInFunction } from './function.ts';
import { numberFunctions } from './number.ts';
import { structureFunctions } from './structure.ts';
import { textFunctions } from './text.ts';
import { timeFunctions } from './time.ts';

/** All built-in functions by name; the reference is generated from this table. There is no `now`: a run that resumes must give equal rows. */
export const builtInFunctions: Readonly<Record<string, BuiltInFunction>> = Object.freeze({
  ...structureFunctions,
  ...choiceFunctions,
  ...textFunctions,
  ...numberFunctions,
  ...timeFunctions,
});
