import { checkThat, pass, warn } from '@polyshift/core';
import { introspectOne, validationCommand } from '../introspect.ts';
import { catalogLock, planned } from '../planned.ts';
import { isWritableCollection } from '../preconditions.ts';
import { durable } from '../store.ts';
import type { HandlerOf } from './handler-of.ts';
import { needValidators, priorValidation, restoreValidation, type ValidationUndo } from './schema-validation.ts';

/** drop_validation: the validator, its level and its action are kept. */
export const dropValidation: HandlerOf<'drop_validation', ValidationUndo> = (store) => ({
  async plan(operation) {
    needValidators(store);
    return [
      planned(
        { collMod: operation.collection, ...validationCommand(undefined) },
        { phase: 'contract', lock: catalogLock(operation.collection), risk: 'none', undo: 'sets the validation again as it was' },
      ),
    ];
  },

  async check(operation) {
    needValidators(store);
    const checks = await isWritableCollection(store, operation.collection);
    if (checks[0]!.status === 'FAILED') return checks;
    const { validation } = await priorValidation(store, operation.collection);
    checks.push(
      validation
        ? pass('validation_exists', `${operation.collection} has a validation schema`)
        : warn('validation_exists', `${operation.collection} has no validation schema`, 'Nothing will change.'),
    );
    return checks;
  },

  prepare: (operation) => priorValidation(store, operation.collection),

  async *execute(operation) {
    await store.db.command({ collMod: operation.collection, ...validationCommand(undefined), ...durable });
    yield { rows_done: 1, rows_total: 1 };
  },

  async verify(operation) {
    const found = (await introspectOne(store, operation.collection))?.validation;
    return [
      checkThat(found === undefined, 'validation_gone', {
        pass: `${operation.collection} has no validation schema`,
        fail: `${operation.collection} has a validation schema again`,
        action: 'Somebody else changes the validation of this collection.',
      }),
    ];
  },

  async *rollback(operation, undo) {
    await restoreValidation(store, operation.collection, undo);
    yield { rows_done: 1, rows_total: 1 };
  },

  async discard() {},
});
