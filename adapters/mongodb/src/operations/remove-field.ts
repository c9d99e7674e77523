import { fail, type Operation } from '@polyshift/core';
import { hasPath, throughArrays, withoutField } from '../change/field-bytes.ts';
import { noneLeft } from '../change/verify.ts';
import { both, conditionFilter } from '../conditions.ts';
import { introspectOne } from '../introspect.ts';
import { approximateRows, planned } from '../planned.ts';
import { fieldPath, isWritableCollection } from '../preconditions.ts';
import type { HandlerOf } from './handler-of.ts';
import { imageMethods } from './image-operation.ts';

/** remove_field: the value and its place are kept aside. */
export const removeField: HandlerOf<'remove_field'> = (store) => {
  const filterOf = (operation: Operation<'remove_field'>): object =>
    both(hasPath(fieldPath(operation.data.field_name)), conditionFilter(operation.conditions));

  const { verifyImages, ...shared } = imageMethods<'remove_field'>(store, {
    filter: filterOf,
    change: (operation) => {
      const path = fieldPath(operation.data.field_name);
      return {
        by: 'bytes',
        transform: (document) => withoutField(document, path),
        update: { $unset: { [operation.data.field_name]: '' } },
        carried: [{ $unset: operation.data.field_name }],
      };
    },
  });

  return {
    ...shared,

    async plan(operation, context) {
      const { field_name } = operation.data;
      return [
        planned(
          {
            update: operation.collection,
            updates: [{ q: filterOf(operation), u: { $unset: { [field_name]: '' } }, multi: true }],
          },
          {
            phase: 'contract',
            rows: approximateRows(context, operation.collection),
            risk: 'data_removed',
            undo: `puts ${field_name} back with its values, in its place`,
          },
        ),
      ];
    },

    async check(operation) {
      const checks = await isWritableCollection(store, operation.collection);
      if (checks[0]!.status === 'FAILED') return checks;
      const path = fieldPath(operation.data.field_name);
      const arrays = throughArrays(path);
      const inArrays = arrays ? await store.db.collection(operation.collection).countDocuments(arrays) : 0;
      if (inArrays > 0) {
        checks.push(
          fail('path', `${path.join('.')} leads through an array in ${inArrays} documents`, 'Use migrate_data with $map.'),
        );
      }
      const schema = await introspectOne(store, operation.collection);
      const field = schema?.fields.find((each) => each.name === path[0] && path.length === 1);
      if (field && !field.nullable && schema?.validation?.['action'] === 'error' && schema.validation['level'] !== 'off') {
        checks.push(
          fail('required', `the validation schema requires ${field.name}`, 'Change the schema first by schema_validation.'),
        );
      }
      return checks;
    },

    async verify(operation, _undo, run) {
      return [
        await noneLeft(store, operation.collection, 'field_gone', filterOf(operation), `has ${operation.data.field_name}`),
        ...(await verifyImages(operation, run)),
      ];
    },
  };
};
