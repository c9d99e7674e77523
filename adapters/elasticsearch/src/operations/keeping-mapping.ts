import type { RowHandler } from '@polyshift/adapter-kit';
import { type JsonObject, type OperationType, PolyshiftError } from '@polyshift/core';
import { type MappingUndo, mappingUndo, restoreMapping } from '../rebuild/restore-mapping.ts';
import type { Parts } from './parts.ts';

/** A change of documents in place, after whose rollback the mapping is what it was: fields that came with the change leave it again. */
export function keepingMapping<Type extends OperationType>(parts: Parts, handler: RowHandler<Type>): RowHandler<Type> {
  return {
    ...handler,

    async prepare(operation, run) {
      const undo: JsonObject = await handler.prepare(operation, run);
      return { ...undo, definition: await mappingUndo(parts.store, operation.collection) };
    },

    async *rollback(operation, undo, run) {
      yield* handler.rollback(operation, undo, run);
      yield* restoreMapping(parts, operation.collection, definitionOf(undo), run);
    },
  };
}

function definitionOf(undo: JsonObject): MappingUndo {
  const definition = undo['definition'];
  if (definition) return definition as MappingUndo;
  throw new PolyshiftError('INTERNAL', 'the undo record does not say what the mapping was');
}
