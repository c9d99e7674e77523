import { type Check, checkThat, fail, type JsonObject, type Operation, PolyshiftError } from '@polyshift/core';
import type { Document } from 'mongodb';
import { hasCode } from '../errors.ts';
import { canonicalJson, indexSpecification } from '../index-definition.ts';
import { listIndexes, optionValue } from '../introspect.ts';
import { catalogLock, planned } from '../planned.ts';
import { isThere } from '../preconditions.ts';
import { durable, type Store } from '../store.ts';
import { buildIndex, dropIndex } from './create-index.ts';
import type { HandlerOf } from './handler-of.ts';

/** alter_index: visibility and time to live by collMod; a new name means that the index is built anew. */
export const alterIndex: HandlerOf<'alter_index', { definition: JsonObject }> = (store) => ({
  async plan(operation) {
    const { name, new_name, hidden, expire_after_seconds } = operation.data;
    const changes = {
      ...(hidden === undefined ? {} : { hidden }),
      ...(expire_after_seconds === undefined ? {} : { expireAfterSeconds: expire_after_seconds }),
    };
    const parts = { lock: catalogLock(operation.collection), risk: 'none' as const, undo: 'sets back what it changed' };
    if (new_name === undefined) return [planned({ collMod: operation.collection, index: { name, ...changes } }, parts)];
    return [
      planned(
        { createIndexes: operation.collection, indexes: [{ '...': `as ${name}`, name: new_name, ...changes }] },
        { ...parts, lock: { mode: 'intent', held: 'none' } },
      ),
      planned({ dropIndexes: operation.collection, index: name }, parts),
    ];
  },

  async check(operation) {
    const checks: Check[] = [await isThere(store, operation.collection)];
    if (checks[0]!.status === 'FAILED') return checks;
    const { name, new_name, hidden, expire_after_seconds } = operation.data;
    const indexes = await listIndexes(store, operation.collection);
    const found = indexes.find((index) => index.name === name);
    checks.push(
      checkThat(found !== undefined, 'index_exists', {
        pass: `the index ${name} is there`,
        fail: `${operation.collection} has no index ${name} that can be changed`,
        action: `It has ${indexes.map((index) => index.name).join(', ') || 'none but that of _id'}.`,
      }),
    );
    if (new_name !== undefined && indexes.some((index) => index.name === new_name)) {
      checks.push(fail('name_free', `there is an index ${new_name} already`, 'Choose another name.'));
    }
    if (hidden !== undefined && !store.features.hidden_indexes) {
      throw new PolyshiftError('UNSUPPORTED_OPERATION', 'this server has no hidden indexes', { place: { path: 'data.hidden' } });
    }
    if (expire_after_seconds !== undefined && found && (found.definition as JsonObject)['expireAfterSeconds'] === undefined) {
      checks.push(
        fail(
          'time_to_live',
          `the index ${name} has no time to live that could be changed`,
          'Drop it and create it with expire_after_seconds.',
        ),
      );
    }
    return checks;
  },

  async prepare(operation) {
    const found = (await listIndexes(store, operation.collection)).find((index) => index.name === operation.data.name);
    if (!found) throw new PolyshiftError('UNKNOWN_FIELD', `${operation.collection} has no index ${operation.data.name}`);
    return { definition: found.definition as JsonObject };
  },

  async *execute(operation, undo) {
    yield { rows_done: 0, note: `changing index ${operation.data.name}` };
    await become(store, operation.collection, operation.data.name, changed(operation, undo.definition));
    yield { rows_done: 1, rows_total: 1 };
  },

  async verify(operation, undo) {
    const wanted = changed(operation, undo.definition);
    const found = (await listIndexes(store, operation.collection)).find((index) => index.name === wanted['name']);
    return [
      checkThat(found !== undefined && canonicalJson(found.definition) === canonicalJson(wanted), 'index_changed', {
        pass: `the index ${String(wanted['name'])} is as it was asked for`,
        fail: `the index ${String(wanted['name'])} is not as it was asked for`,
        action: 'Somebody else changes the indexes of this collection.',
      }),
    ];
  },

  async *rollback(operation, undo) {
    yield { rows_done: 0, note: `changing index ${operation.data.name} back` };
    await become(store, operation.collection, operation.data.new_name ?? operation.data.name, undo.definition);
    yield { rows_done: 1, rows_total: 1 };
  },

  async discard() {},
});

function changed(operation: Operation<'alter_index'>, definition: JsonObject): JsonObject {
  const { name, new_name, hidden, expire_after_seconds } = operation.data;
  const { hidden: _hidden, ...rest } = definition;
  return {
    ...rest,
    ...((hidden ?? definition['hidden']) ? { hidden: true } : {}),
    ...(expire_after_seconds === undefined ? {} : { expireAfterSeconds: expire_after_seconds }),
    name: new_name ?? name,
  };
}

/** Makes the index called `from` (or already called as wanted) what the definition says. Idempotent from every state in between. */
async function become(store: Store, collection: string, from: string, wanted: JsonObject): Promise<void> {
  const name = String(wanted['name']);
  const indexes = await listIndexes(store, collection);
  const present = indexes.find((index) => index.name === name)?.definition as JsonObject | undefined;
  if (!present) {
    try {
      await buildIndex(store, collection, indexSpecification(wanted));
    } catch (error) {
      // Two indexes that differ by name alone are refused: then the old one goes first.
      if (!hasCode(error, 85, 86)) throw error;
      await dropIndex(store, collection, from);
      await buildIndex(store, collection, indexSpecification(wanted));
    }
  } else if (canonicalJson(present) !== canonicalJson(wanted)) {
    await store.db.command({ collMod: collection, index: { name, ...modification(present, wanted) }, ...durable });
  }
  if (from !== name) await dropIndex(store, collection, from);
}

function modification(present: JsonObject, wanted: JsonObject): Document {
  return {
    ...((present['hidden'] ?? false) === (wanted['hidden'] ?? false) ? {} : { hidden: wanted['hidden'] ?? false }),
    ...(wanted['expireAfterSeconds'] === undefined ? {} : { expireAfterSeconds: optionValue(wanted['expireAfterSeconds']) }),
  };
}
