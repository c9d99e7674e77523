import { type Check, checkThat, fail, type Operation, PolyshiftError } from '@polyshift/core';
import { idList } from '../bson/id.ts';
import { hasPath, throughArrays, withRenamedField } from '../change/field-bytes.ts';
import { beforeField } from '../change/image.ts';
import { noneLeft } from '../change/verify.ts';
import { both } from '../conditions.ts';
import { approximateRows, planned, rangeOfIds } from '../planned.ts';
import { fieldPath, isWritableCollection } from '../preconditions.ts';
import type { HandlerOf } from './handler-of.ts';
import { imageMethods } from './image-operation.ts';

/** rename_field: in its place, in every document that has it. */
export const renameField: HandlerOf<'rename_field'> = (store) => {
  const { verifyImages, ...shared } = imageMethods<'rename_field'>(store, {
    // A document that has the new name already is left as it is: the check has found none, so the application has written it since.
    filter: (operation) => both(hasPath(names(operation).path), { [names(operation).full]: { $exists: false } }),
    change: (operation) => {
      const { path, name } = names(operation);
      const pipeline = path.length === 1 && store.features.pipeline_updates ? renamePipeline(path[0]!, name) : undefined;
      // The pipeline leaves all other fields as they are, whatever they hold.
      const carried = name === beforeField ? undefined : pipeline;
      return { by: 'bytes', transform: (document) => withRenamedField(document, path, name), update: pipeline, carried };
    },
  });

  return {
    ...shared,

    async plan(operation, context) {
      const { path, name, full } = names(operation);
      const u = path.length === 1 ? renamePipeline(path[0]!, name) : '?';
      return [
        planned(
          {
            update: operation.collection,
            updates: [{ q: { ...rangeOfIds, [path.join('.')]: { $exists: true } }, u, multi: true }],
          },
          {
            phase: 'migrate',
            rows: approximateRows(context, operation.collection),
            risk: 'data_changed',
            undo: `renames ${full} back to ${path.join('.')} in the documents where it was renamed`,
          },
        ),
      ];
    },

    async check(operation) {
      const { path, full } = names(operation);
      const checks: Check[] = await isWritableCollection(store, operation.collection);
      if (checks[0]!.status === 'FAILED') return checks;
      const collection = store.db.collection(operation.collection);
      const taken = await collection.find({ [full]: { $exists: true } }, { projection: { _id: 1 }, limit: 5 }).toArray();
      const count = taken.length === 0 ? 0 : await collection.countDocuments({ [full]: { $exists: true } });
      checks.push(
        checkThat(
          count === 0,
          'new_name_free',
          {
            pass: `no document has ${full}`,
            fail: `${count} documents have ${full} already: ${idList(taken.map((each) => each._id))}`,
            action: 'Choose another name, or remove that field first by remove_field.',
          },
          { count },
        ),
      );
      const arrays = throughArrays(path);
      const inArrays = arrays ? await collection.countDocuments(arrays) : 0;
      if (inArrays > 0) {
        checks.push(
          fail('path', `${path.join('.')} leads through an array in ${inArrays} documents`, 'Use migrate_data with $map.'),
        );
      }
      return checks;
    },

    async verify(operation, _undo, run) {
      const { path } = names(operation);
      return [
        await noneLeft(store, operation.collection, 'old_name_gone', hasPath(path), `has ${path.join('.')}`),
        ...(await verifyImages(operation, run)),
      ];
    },
  };
};

/** The path of the field, its new last name, and the path that it has then. The new name is a name alone, or a path with the same parents. */
export function names(operation: Operation<'rename_field'>): { path: string[]; name: string; full: string } {
  const path = fieldPath(operation.data.old_name);
  const parts = fieldPath(operation.data.new_name);
  const parents = path.slice(0, -1);
  const name = parts.at(-1)!;
  const sameParents = parts.length === 1 || parts.slice(0, -1).join('.') === parents.join('.');
  if (!sameParents) {
    throw new PolyshiftError(
      'INVALID_DOCUMENT',
      `${operation.data.old_name} cannot be renamed to ${operation.data.new_name}: it would move to another place`,
      {
        hint: 'A rename keeps the parents of a path; moves are done by migrate_data with $set and $unset.',
      },
    );
  }
  return { path, name, full: [...parents, name].join('.') };
}

/** The fields as a list, one of them with another name, and a document of it again: the order stays, as $rename does not keep it. */
function renamePipeline(from: string, to: string): object[] {
  return [
    {
      $replaceWith: {
        $arrayToObject: {
          $map: {
            input: { $objectToArray: '$$ROOT' },
            as: 'field',
            in: { k: { $cond: [{ $eq: ['$$field.k', { $literal: from }] }, { $literal: to }, '$$field.k'] }, v: '$$field.v' },
          },
        },
      },
    },
  ];
}
