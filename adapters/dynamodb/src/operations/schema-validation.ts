import { storedValidation } from '@polyshift/adapter-kit';
import { validationStore } from '../validation.ts';
import type { HandlerOf } from './handler-of.ts';

/** schema_validation: kept in the journal, enforced by polyshift's own loads and changes, and existing items checked against it. */
export const schemaValidation: HandlerOf<'schema_validation'> = (store, rows) =>
  storedValidation(rows, validationStore(store)).schema_validation;
