import { storedValidation } from '@polyshift/adapter-kit';
import { rowOperations } from '../rows/row-operations.ts';
import { validationStore } from '../validation.ts';
import type { HandlerOf } from './handler-of.ts';

/** schema_validation: a stored JSON Schema that polyshift enforces where it writes, and that existing rows are checked against. */
export const schemaValidation: HandlerOf<'schema_validation'> = (store) =>
  storedValidation(rowOperations(store), validationStore(store)).schema_validation;
