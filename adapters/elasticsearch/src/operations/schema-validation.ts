import type { JsonObject } from '@polyshift/core';
import type { HandlerOf } from './parts.ts';
import { validationHandlers } from './stored-validations.ts';

/** schema_validation: kept in the mapping; existing documents are checked, and later ones where polyshift writes them. */
export const schemaValidation: HandlerOf<'schema_validation', JsonObject> = (parts) =>
  validationHandlers(parts).schema_validation;
