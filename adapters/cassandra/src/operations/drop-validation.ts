import { storedValidation } from '@polyshift/adapter-kit';
import { rowOperations } from '../rows/row-operations.ts';
import { validationStore } from '../validation.ts';
import type { HandlerOf } from './handler-of.ts';

/** drop_validation: forgets the stored JSON Schema. */
export const dropValidation: HandlerOf<'drop_validation'> = (store) =>
  storedValidation(rowOperations(store), validationStore(store)).drop_validation;
