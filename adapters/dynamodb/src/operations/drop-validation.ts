import { storedValidation } from '@polyshift/adapter-kit';
import { validationStore } from '../validation.ts';
import type { HandlerOf } from './handler-of.ts';

/** drop_validation: the stored schema is forgotten. */
export const dropValidation: HandlerOf<'drop_validation'> = (store, rows) =>
  storedValidation(rows, validationStore(store)).drop_validation;
