import { type Check, fail, type Operation, PolyshiftError, pass, warn } from '@polyshift/core';
import type { Document } from 'mongodb';
import { hasCode } from '../errors.ts';
import { catalogLock, planned } from '../planned.ts';
import { isFree, listed } from '../preconditions.ts';
import { dropIfThere, durable } from '../store.ts';
import { jsonToCommand } from '../values/json-value.ts';
import type { HandlerOf } from './handler-of.ts';

/** create_collection: with the options of MongoDB's create command, views and time series among them. */
export const createCollection: HandlerOf<'create_collection'> = (store) => ({
  async plan(operation) {
    return [
      planned(
        { create: operation.collection, ...operation.data.options },
        {
          lock: catalogLock(operation.collection),
          risk: 'none',
          undo: `drops ${operation.collection}; refused while it holds documents`,
        },
      ),
    ];
  },

  async check(operation) {
    const checks: Check[] = [await isFree(store, operation.collection)];
    const { fields, key } = operation.data;
    if (key && (key.length !== 1 || key[0] !== '_id')) {
      checks.push(
        fail(
          'key',
          `the key of a collection is _id, not ${key.join(', ')}`,
          'Leave the key out, and create a unique index by create_index.',
        ),
      );
    }
    if (fields.some((field) => field.name !== '_id')) {
      checks.push(
        warn(
          'fields',
          'MongoDB does not declare fields: those of the operation are not enforced',
          'Use schema_validation for what must hold.',
        ),
      );
    }
    return checks;
  },

  async prepare() {
    return {};
  },

  async *execute(operation) {
    try {
      await store.db.command({ create: operation.collection, ...optionsOf(operation), ...durable });
    } catch (error) {
      // The check has found the name free: it is an earlier attempt of this step that has created it.
      if (!hasCode(error, 48)) throw error;
    }
    yield { rows_done: 1, rows_total: 1 };
  },

  async verify(operation) {
    const found = await listed(store, operation.collection);
    return [
      found
        ? pass('collection_exists', `${operation.collection} is there`)
        : fail('collection_exists', `${operation.collection} is not there`, 'Somebody else has dropped it.'),
    ];
  },

  async *rollback(operation) {
    const found = await listed(store, operation.collection);
    if (found && found['type'] !== 'view') {
      const count = await store.db.collection(operation.collection).countDocuments({});
      if (count > 0) {
        throw new PolyshiftError(
          'WRITTEN_SINCE',
          `${operation.collection} holds ${count} documents that were written since it was created`,
          {
            hint: 'Move them elsewhere first.',
            data: { collection: operation.collection, count },
          },
        );
      }
    }
    await dropIfThere(store, operation.collection);
    yield { rows_done: 1, rows_total: 1 };
  },

  async discard() {},
});

function optionsOf(operation: Operation<'create_collection'>): Document {
  return Object.fromEntries(Object.entries(operation.data.options ?? {}).map(([name, value]) => [name, jsonToCommand(value)]));
}
