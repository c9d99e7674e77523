import { removeField as removeFromRows } from '@polyshift/adapter-kit';
import type { Check, JsonObject, Operation, OperationHandler } from '@polyshift/core';
import { StoredDocument } from '../documents/document.ts';
import { changeAt } from '../json/change-at.ts';
import { putBackAt } from '../json/put-back.ts';
import { changedMapping } from '../mapping/change-mapping.ts';
import { approximateRows, planned, swapLock } from '../planned.ts';
import { writableIndex } from '../preconditions.ts';
import type { Transformation } from '../rebuild/generation.ts';
import { isNoKeyField, pathParts } from './field-names.ts';
import { keepingMapping } from './keeping-mapping.ts';
import type { HandlerOf } from './parts.ts';
import { rebuildMethods } from './rebuild-methods.ts';

type Handler = OperationHandler<'remove_field', JsonObject>;

/** remove_field: a new index without the field in the mapping and in the documents; with conditions, documents in place, and the mapping stays. */
export const removeField: HandlerOf<'remove_field', JsonObject> = (parts) => {
  const { store } = parts;
  const inPlace: Handler = keepingMapping(parts, removeFromRows(parts.operations));
  const rebuilt = rebuildMethods<'remove_field'>(parts, {
    transformation: (operation) => transformationOf(operation.data.field_name),
    next: ({ data }, { mappings, settings }) => ({
      mappings: changedMapping(mappings, data.field_name, () => undefined),
      settings,
    }),
  }) as unknown as Pick<Handler, 'prepare' | 'execute' | 'verify' | 'rollback' | 'discard'>;
  const of = (operation: Operation<'remove_field'>) => (operation.conditions ? inPlace : rebuilt);

  return {
    async plan(operation, context) {
      if (operation.conditions) return inPlace.plan(operation, context);
      const { field_name } = operation.data;
      pathParts(field_name);
      const name = store.prefix + operation.collection;
      return [
        planned(
          { reindex: { from: name, to: `${name}_v?`, remove: [field_name] } },
          {
            phase: 'contract',
            lock: swapLock,
            rows: approximateRows(context, operation.collection),
            risk: 'data_removed',
            undo: `lets the name stand for the old index again, which has ${field_name}, with what was written since`,
          },
        ),
      ];
    },

    async check(operation): Promise<Check[]> {
      if (operation.conditions) return inPlace.check(operation);
      pathParts(operation.data.field_name);
      const { check, index } = await writableIndex(store, operation.collection);
      return index ? [check, isNoKeyField(operation.collection, index, [operation.data.field_name])] : [check];
    },

    prepare: (operation, run) => of(operation).prepare(operation, run),
    execute: (operation, undo, run) => of(operation).execute(operation, undo, run),
    verify: (operation, undo, run) => of(operation).verify(operation, undo, run),
    rollback: (operation, undo, run) => of(operation).rollback(operation, undo, run),
    discard: (operation, undo, run) => of(operation).discard(operation, undo, run),
  };
};

function transformationOf(path: string): Transformation {
  return {
    forward(document) {
      const fields = changeAt(document.fields, path, (inside, name) => new Map([...inside].filter(([field]) => field !== name)));
      return fields === document.fields ? document : StoredDocument.of(document.id, fields, document.routing);
    },
    backward(document, old) {
      if (!old) return document;
      const fields = putBackAt(document.fields, old.fields, path);
      return fields === document.fields ? document : StoredDocument.of(document.id, fields, document.routing);
    },
  };
}
