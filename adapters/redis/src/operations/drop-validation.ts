import { checkThat, pass, warn } from '@polyshift/core';
import { type DefinitionUndo, definitionMethods } from '../definitions/definition-methods.ts';
import { planned } from '../planned.ts';
import { isThere } from '../preconditions.ts';
import type { HandlerOf } from './handler-of.ts';

/** drop_validation: the schema, its level and its action are kept. */
export const dropValidation: HandlerOf<'drop_validation', DefinitionUndo> = (store) => ({
  ...definitionMethods<'drop_validation'>(store, ({ validation: _dropped, ...definition }) => definition),

  async plan(operation) {
    return [
      planned(`HSET ${store.keys.shared('collections')} ${operation.collection} ${JSON.stringify({ validation: null })}`, {
        phase: 'contract',
        risk: 'none',
        undo: 'sets the validation schema again as it was',
      }),
    ];
  },

  async check(operation) {
    const there = await isThere(store, operation.collection);
    if (there.status === 'FAILED') return [there];
    return [
      there,
      store.definitions.known(operation.collection).validation
        ? pass('validation_exists', `${operation.collection} has a validation schema`)
        : warn('validation_exists', `${operation.collection} has no validation schema`, 'Nothing will change.'),
    ];
  },

  async verify(operation) {
    const found = (await store.definitions.read(operation.collection))?.validation;
    return [
      checkThat(found === undefined, 'validation_gone', {
        pass: `${operation.collection} has no validation schema`,
        fail: `${operation.collection} has a validation schema again`,
        action: 'Somebody else changes the definition of this collection.',
      }),
    ];
  },
});
