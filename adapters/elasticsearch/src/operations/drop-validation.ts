import type { JsonObject } from '@polyshift/core';
import type { HandlerOf } from './parts.ts';
import { validationHandlers } from './stored-validations.ts';

/** drop_validation: the schema leaves the mapping. */
export const dropValidation: HandlerOf<'drop_validation', JsonObject> = (parts) => validationHandlers(parts).drop_validation;
