import { type Operation, PolyshiftError } from '@polyshift/core';
import { valueAt } from '../values/field-path.ts';
import { isBlocked, pathParts, renameAt } from './field-path.ts';
import { imageMethods } from './image-methods.ts';
import { isNoKey, isThere, plannedRows, type RowHandler, type RowOperations } from './row-operations.ts';
import { noneFound, survey } from './survey.ts';

/** rename_field over rows without declared columns: the raw value goes to the other name as it is. */
export function renameField<Raw>(operations: RowOperations<Raw>): RowHandler<'rename_field'> {
  const methods = imageMethods<Raw, 'rename_field'>(operations, (operation) => {
    const { from, last } = names(operation);
    return (document) => renameAt(document, from, last);
  });
  return {
    ...methods,

    async plan(operation, context) {
      const { from, full } = names(operation);
      return [
        plannedRows(
          operations,
          context,
          operation.collection,
          { kind: 'rename', from, to: full },
          {
            risk: 'data_changed',
            undo: `renames ${full} back to ${from} where it was renamed`,
          },
        ),
      ];
    },

    async check(operation) {
      const { from, full } = names(operation);
      const there = await isThere(operations, operation.collection);
      if (there.status === 'FAILED') return [there];
      const [taken, blocked] = await survey(operations, operation.collection, [
        (document) => valueAt(document, full) !== undefined,
        (document) => isBlocked(document, from),
      ]);
      return [
        there,
        await isNoKey(operations, operation.collection, [from, full]),
        noneFound('new_name_free', taken!, {
          pass: `no ${operations.noun} has ${full}`,
          fail: `${operations.noun}s have ${full} already`,
          action: 'Choose another name, or remove that field first by remove_field.',
        }),
        noneFound('path', blocked!, {
          pass: `${from} leads through documents alone`,
          fail: `${operations.noun}s have a value on the way to ${from} that is no document`,
          action: 'Use migrate_data for those.',
        }),
      ];
    },

    async verify(operation, undo, run) {
      const { from } = names(operation);
      const [left] = await survey(operations, operation.collection, [(document) => valueAt(document, from) !== undefined]);
      return [
        noneFound('old_name_gone', left!, {
          pass: `no ${operations.noun} has ${from}`,
          fail: `${operations.noun}s have ${from}`,
          action: 'The application writes the old form: deploy the new one first, then run again.',
        }),
        ...(await methods.verify(operation, undo, run)),
      ];
    },
  };
}

/** The path as it is now, its new last part, and the whole path afterwards. */
function names(operation: Operation<'rename_field'>): { from: string; last: string; full: string } {
  const { old_name: from, new_name } = operation.data;
  const parents = pathParts(from).slice(0, -1);
  const parts = pathParts(new_name);
  const sameParents = parts.length === 1 || parts.slice(0, -1).join('.') === parents.join('.');
  if (!sameParents) {
    throw new PolyshiftError('INVALID_DOCUMENT', `${from} cannot be renamed to ${new_name}: it would move to another place`, {
      hint: 'A rename keeps the parents of a path; moves are done by migrate_data with $set and $unset.',
    });
  }
  const last = parts.at(-1)!;
  return { from, last, full: [...parents, last].join('.') };
}
