import { valueAt } from '../values/field-path.ts';
import { unsetAt } from './field-path.ts';
import { imageMethods } from './image-methods.ts';
import { isNoKey, isThere, plannedRows, type RowHandler, type RowOperations } from './row-operations.ts';
import { noneFound, survey } from './survey.ts';

/** remove_field over rows without declared columns; the values are kept in the images. */
export function removeField<Raw>(operations: RowOperations<Raw>): RowHandler<'remove_field'> {
  const methods = imageMethods<Raw, 'remove_field'>(
    operations,
    (operation) => (document) => unsetAt(document, operation.data.field_name),
  );
  return {
    ...methods,

    async plan(operation, context) {
      const { field_name } = operation.data;
      return [
        plannedRows(
          operations,
          context,
          operation.collection,
          { kind: 'unset', fields: [field_name] },
          {
            risk: 'data_removed',
            undo: `gives ${field_name} back to the ${operations.noun}s that had it, with its value`,
          },
        ),
      ];
    },

    async check(operation) {
      const there = await isThere(operations, operation.collection);
      if (there.status === 'FAILED') return [there];
      return [there, await isNoKey(operations, operation.collection, [operation.data.field_name])];
    },

    async verify(operation, undo, run) {
      const { field_name } = operation.data;
      const [left] = await survey(operations, operation.collection, [(document) => valueAt(document, field_name) !== undefined]);
      return [
        noneFound('field_gone', left!, {
          pass: `no ${operations.noun} has ${field_name}`,
          fail: `${operations.noun}s have ${field_name}`,
          action: 'The application writes the old form: deploy the new one first, then run again.',
        }),
        ...(await methods.verify(operation, undo, run)),
      ];
    },
  };
}
