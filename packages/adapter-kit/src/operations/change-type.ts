import { castValue, dynamicType, fail, isNumeric, type Operation, type PortableValue, typeText } from '@polyshift/core';
import { valueAt } from '../values/field-path.ts';
import { failingEdits } from './failing-edits.ts';
import { imageMethods } from './image-methods.ts';
import { isNoKey, isThere, plannedRows, type RowHandler, type RowOperations } from './row-operations.ts';
import { noneFound, survey } from './survey.ts';
import { targetOf, typeConversion } from './type-conversion.ts';

/** change_type over rows without declared columns: each value by itself; one that does not convert exactly stops it before anything is changed. */
export function changeType<Raw>(operations: RowOperations<Raw>): RowHandler<'change_type'> {
  const methods = imageMethods<Raw, 'change_type'>(operations, typeConversion);
  return {
    ...methods,

    async plan(operation, context) {
      const { field_name } = operation.data;
      targetOf(operation);
      return [
        plannedRows(
          operations,
          context,
          operation.collection,
          { kind: 'set', fields: [field_name] },
          {
            risk: 'data_changed',
            undo: `brings back each old value of ${field_name} with its type`,
          },
        ),
      ];
    },

    async check(operation) {
      const there = await isThere(operations, operation.collection);
      if (there.status === 'FAILED') return [there];
      const { fails, example } = failingEdits(typeConversion(operation));
      const [refused] = await survey(operations, operation.collection, [fails]);
      const { field_name } = operation.data;
      return [
        there,
        await isNoKey(operations, operation.collection, [field_name]),
        noneFound('convertible', refused!, {
          pass: `every value of ${field_name} converts exactly`,
          fail: `${operations.noun}s have a ${field_name} that does not convert exactly to ${typeText(targetOf(operation))}${example()}`,
          action: 'Correct them first by migrate_data, or say how to convert by `using`.',
        }),
      ];
    },

    async verify(operation, undo, run) {
      const checks = await methods.verify(operation, undo, run);
      if (operation.data.using) return checks;
      const edits = typeConversion(operation);
      const [left] = await survey(operations, operation.collection, [
        (document) => {
          const value = valueAt(document, operation.data.field_name);
          if (value === undefined || value === null) return false;
          try {
            return edits(document).some((edit) => edit.kind === 'set' && !sameKind(edit.value, value, operation));
          } catch {
            return true;
          }
        },
      ]);
      if (left!.count === 0) return checks;
      return [
        ...checks,
        fail(
          'type_changed',
          `${left!.count} ${operations.noun}s have a ${operation.data.field_name} of another type`,
          'The application writes the old form: deploy the new one first, then run again.',
          { count: left!.count },
        ),
      ];
    },
  };
}

/** A store with few types of its own gives a value back in the type that it holds: then equal text is the proof. */
function sameKind(wanted: PortableValue, found: PortableValue, operation: Operation<'change_type'>): boolean {
  const target = targetOf(operation);
  const text = (value: PortableValue): string => String(castValue({ kind: 'dynamic' }, value, { kind: 'text' }));
  if (isNumeric(target.kind)) return isNumeric(dynamicType(found)!.kind) && text(wanted) === text(found);
  return target.kind === 'document' || target.kind === 'array' || text(wanted) === text(found);
}
