import { type Check, fail, type JsonValue, type Operation, warn } from '@polyshift/core';
import { applyDefaults } from '../change/add-default.ts';
import { parents } from '../change/field-bytes.ts';
import { dropLanes, endLanes } from '../change/lanes.ts';
import { removeDefaults } from '../change/remove-default.ts';
import { noneLeft } from '../change/verify.ts';
import { both, conditionFilter } from '../conditions.ts';
import { approximateRows, planned } from '../planned.ts';
import { fieldPath, isWritableCollection } from '../preconditions.ts';
import { asideCollection, dropIfThere } from '../store.ts';
import { typedValue } from '../values/typed-value.ts';
import type { HandlerOf } from './handler-of.ts';

/** add_field: documents that lack the field get the default; which ones is kept aside. */
export const addField: HandlerOf<'add_field'> = (store) => ({
  async plan(operation, context) {
    const { field_name, default_value } = operation.data;
    return [
      planned(
        {
          update: operation.collection,
          updates: [{ q: lacking(operation), u: { $set: { [field_name]: default_value ?? '(nothing)' } }, multi: true }],
        },
        {
          phase: 'migrate',
          rows: default_value === undefined ? 0 : approximateRows(context, operation.collection),
          risk: 'data_changed',
          undo: `takes ${field_name} away from the documents that it was given to`,
        },
      ),
    ];
  },

  async check(operation) {
    const checks: Check[] = await isWritableCollection(store, operation.collection);
    if (checks[0]!.status === 'FAILED') return checks;
    const path = fieldPath(operation.data.field_name);
    defaultOf(operation);
    if (operation.data.default_value === undefined) {
      checks.push(
        warn(
          'default_value',
          'without default_value nothing is written: documents have no fields beforehand',
          'Give a default_value, or leave the operation out.',
        ),
      );
    }
    const blocked = path.length === 1 ? 0 : await store.db.collection(operation.collection).countDocuments(noDocuments(path));
    if (blocked > 0) {
      checks.push(
        fail(
          'path',
          `${path.join('.')} leads through values that are no documents, in ${blocked} documents`,
          'Use migrate_data for those.',
        ),
      );
    }
    return checks;
  },

  async prepare(_operation, run) {
    return { given_to: asideCollection(run.aside) };
  },

  async *execute(operation, _undo, run) {
    if (operation.data.default_value === undefined) return;
    const target = { collection: operation.collection, filter: lacking(operation), aside: asideCollection(run.aside) };
    yield* applyDefaults(store, target, fieldPath(operation.data.field_name), defaultOf(operation), operation.batch_size, run);
  },

  async verify(operation) {
    if (operation.data.default_value === undefined) return [];
    return [
      await noneLeft(store, operation.collection, 'field_present', lacking(operation), `lacks ${operation.data.field_name}`),
    ];
  },

  async *rollback(operation, _undo, run) {
    if (operation.data.default_value === undefined) return;
    const aside = asideCollection(run.aside);
    await endLanes(store, aside);
    yield* removeDefaults(store, operation.collection, aside, fieldPath(operation.data.field_name), defaultOf(operation), run);
    await dropLanes(store, aside);
  },

  async discard(_operation, _undo, run) {
    await dropLanes(store, asideCollection(run.aside));
    await dropIfThere(store, asideCollection(run.aside));
  },
});

/** Documents that lack the field, of those that the operation means. */
export function lacking(operation: Operation<'add_field'>): object {
  return both({ [fieldPath(operation.data.field_name).join('.')]: { $exists: false } }, conditionFilter(operation.conditions));
}

/** The value that they get. */
export function defaultOf(operation: Operation<'add_field'>): unknown {
  return typedValue((operation.data.default_value ?? null) as JsonValue, operation.data.type);
}

/** Documents in which a part of the path before its end is there, but no document: nothing can be set inside of it. */
export function noDocuments(path: readonly string[]): object {
  return {
    $or: parents(path).map((parent) => ({
      $and: [{ [parent]: { $exists: true } }, { $or: [{ [parent]: { $not: { $type: 3 } } }, { [parent]: { $type: 4 } }] }],
    })),
  };
}
