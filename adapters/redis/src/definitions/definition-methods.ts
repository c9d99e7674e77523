import type { JsonObject, Operation, OperationHandler, OperationType } from '@polyshift/core';
import type { Store } from '../store.ts';
import { assumedDefinition } from './defined-handler.ts';
import type { Definition } from './definition.ts';

/** The definition as it was; null is none. */
export interface DefinitionUndo extends JsonObject {
  before: JsonObject | null;
}

/** The methods of operations that change a definition and nothing else. */
export function definitionMethods<Type extends OperationType>(
  store: Store,
  change: (definition: Definition, operation: Operation<Type>) => Definition,
): Pick<OperationHandler<Type, DefinitionUndo>, 'prepare' | 'execute' | 'rollback' | 'discard'> {
  return {
    async prepare(operation) {
      return { before: ((await store.definitions.read(operation.collection)) ?? null) as unknown as JsonObject };
    },

    async *execute(operation, undo, run) {
      const before = (undo.before as unknown as Definition | null) ?? (await assumedDefinition(store, operation.collection));
      await run.guard();
      await store.definitions.put(operation.collection, change(before, operation));
      await run.fault('defined');
      yield { rows_done: 1, rows_total: 1 };
    },

    async *rollback(operation, undo, run) {
      await run.guard();
      await store.definitions.put(operation.collection, (undo.before as unknown as Definition | null) ?? undefined);
      yield { rows_done: 1, rows_total: 1 };
    },

    async discard() {},
  };
}
