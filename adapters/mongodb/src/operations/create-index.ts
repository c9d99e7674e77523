import { type Check, fail, type JsonObject, type Operation, PolyshiftError, pass } from '@polyshift/core';
import type { Document } from 'mongodb';
import { conditionFilter } from '../conditions.ts';
import { hasCode } from '../errors.ts';
import { describesIndex, indexSchema, indexSpecification } from '../index-definition.ts';
import { listIndexes } from '../introspect.ts';
import { approximateRows, planned } from '../planned.ts';
import { isThere } from '../preconditions.ts';
import { durable, type Store } from '../store.ts';
import { duplicateKeys } from '../unique-check.ts';
import { jsonToCommand } from '../values/json-value.ts';
import type { HandlerOf } from './handler-of.ts';

/** create_index: built online; an identical one that is there already is left, and survives rollback. */
export const createIndex: HandlerOf<'create_index', { existed: boolean }> = (store) => ({
  async plan(operation, context) {
    return [
      planned(
        { createIndexes: operation.collection, indexes: [plainSpecification(operation)] },
        {
          lock: { mode: `intent on ${operation.collection}`, held: 'none' },
          rows: approximateRows(context, operation.collection),
          risk: 'none',
          undo: `drops the index ${operation.data.name}, unless an identical one was there before`,
        },
      ),
    ];
  },

  async check(operation) {
    const checks: Check[] = [await isThere(store, operation.collection)];
    if (checks[0]!.status === 'FAILED') return checks;
    const { data } = operation;
    for (const option of ['method', 'include'] as const) {
      if (data[option] !== undefined) checks.push(fail('option', `MongoDB has no ${option} for indexes`, `Leave ${option} out.`));
    }
    if (data.hidden && !store.features.hidden_indexes) {
      throw new PolyshiftError('UNSUPPORTED_OPERATION', 'this server has no hidden indexes', { place: { path: 'data.hidden' } });
    }
    const existing = await listIndexes(store, operation.collection);
    const wanted = definitionOf(operation);
    const named = existing.find((index) => index.name === data.name);
    const alike = existing.find((index) => index.name !== data.name && describesIndex(wanted, index.definition as JsonObject));
    if (named && !describesIndex(wanted, named.definition as JsonObject)) {
      checks.push(
        fail(
          'name_free',
          `the index ${data.name} is there with another definition: ${JSON.stringify(named.definition)}`,
          'Choose another name, or drop it first by drop_index.',
        ),
      );
    } else if (!named && alike) {
      checks.push(
        fail(
          'definition_free',
          `the same index is there as ${alike.name}`,
          'Rename it by alter_index, or leave this operation out.',
        ),
      );
    } else {
      checks.push(pass('name_free', named ? `the index ${data.name} is there already` : `${data.name} is free`));
      if (data.unique && !named) checks.push(await duplicateKeys(store, operation.collection, specificationOf(operation)));
    }
    return checks;
  },

  async prepare(operation) {
    return { existed: await isListed(store, operation.collection, operation.data.name) };
  },

  async *execute(operation) {
    yield { rows_done: 0, note: `building index ${operation.data.name}` };
    if (!(await isListed(store, operation.collection, operation.data.name))) {
      await buildIndex(store, operation.collection, specificationOf(operation));
    }
    yield { rows_done: 1, rows_total: 1 };
  },

  async verify(operation) {
    const { name } = operation.data;
    const found = (await listIndexes(store, operation.collection)).find((index) => index.name === name);
    return [
      found && describesIndex(definitionOf(operation), found.definition as JsonObject)
        ? pass('index_present', `the index ${name} is there as it was asked for`)
        : fail(
            'index_present',
            found ? `the index ${name} has another definition` : `there is no index ${name}`,
            'Somebody else changes the indexes of this collection.',
          ),
    ];
  },

  async *rollback(operation, undo) {
    if (!undo.existed) await dropIndex(store, operation.collection, operation.data.name);
    yield { rows_done: 1, rows_total: 1 };
  },

  async discard() {},
});

/** What createIndexes takes. */
function specificationOf(operation: Operation<'create_index'>): Document {
  return { ...plainSpecification(operation), key: new Map(Object.entries(operation.data.keys)) };
}

/** The same with a plain object of keys, for people. */
function plainSpecification(operation: Operation<'create_index'>): Document {
  const { name, keys, unique, sparse, where, expire_after_seconds, hidden, options } = operation.data;
  return {
    key: keys,
    name,
    ...(unique ? { unique: true } : {}),
    ...(sparse ? { sparse: true } : {}),
    ...(where ? { partialFilterExpression: conditionFilter(where, false) } : {}),
    ...(expire_after_seconds === undefined ? {} : { expireAfterSeconds: expire_after_seconds }),
    ...(hidden ? { hidden: true } : {}),
    ...Object.fromEntries(Object.entries(options ?? {}).map(([option, value]) => [option, jsonToCommand(value)])),
  };
}

function definitionOf(operation: Operation<'create_index'>): JsonObject {
  return indexSchema(plainSpecification(operation)).definition as JsonObject;
}

async function isListed(store: Store, collection: string, name: string): Promise<boolean> {
  return (await listIndexes(store, collection)).some((index) => index.name === name);
}

/** Builds an index; online on every server that has online builds. */
export async function buildIndex(store: Store, collection: string, specification: Document): Promise<void> {
  await store.db.command({ createIndexes: collection, indexes: [specification], ...durable });
}

/** Builds an index again from a definition that was kept, where it is missing. */
export async function restoreIndex(store: Store, collection: string, definition: JsonObject): Promise<void> {
  if (!(await isListed(store, collection, String(definition['name']))))
    await buildIndex(store, collection, indexSpecification(definition));
}

/** Drops an index; one that is not there is no error. */
export async function dropIndex(store: Store, collection: string, name: string): Promise<void> {
  try {
    await store.db.command({ dropIndexes: collection, index: name, ...durable });
  } catch (error) {
    if (!hasCode(error, 26, 27)) throw error;
  }
}
