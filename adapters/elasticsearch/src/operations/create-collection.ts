import {
  type Check,
  checkThat,
  fail,
  type JsonObject,
  type Operation,
  PolyshiftError,
  portableTypeOf,
  warn,
} from '@polyshift/core';
import { findCollection } from '../collection/collection.ts';
import { type CollectionDefinition, dropCollectionIndex, makeCollection } from '../collection/make-collection.ts';
import { nameOf } from '../collection/names.ts';
import { changedMeta, idKey } from '../mapping/collection-meta.ts';
import { definitionOfType } from '../mapping/type-reference.ts';
import { planned } from '../planned.ts';
import { isFree } from '../preconditions.ts';
import { countDocuments } from '../rebuild/copy.ts';
import type { HandlerOf } from './parts.ts';

const options = new Set(['settings', 'mappings', 'aliases']);

/** create_collection: an index behind an alias, in one step. */
export const createCollection: HandlerOf<'create_collection'> = ({ store }) => ({
  async plan(operation) {
    const alias = store.prefix + operation.collection;
    const { mappings, settings } = definitionOf(operation);
    return [
      planned(
        { PUT: `${alias}_v?`, aliases: { [alias]: {} }, mappings, settings },
        { risk: 'none', undo: `deletes the index; refused while it holds documents` },
      ),
    ];
  },

  async check(operation) {
    const { data } = operation;
    const checks: Check[] = [await isFree(store, operation.collection)];
    const unknown = Object.keys(data.options ?? {}).filter((name) => !options.has(name));
    if (unknown.length > 0)
      checks.push(
        fail('options', `${unknown.join(', ')} is no option of a collection`, `Options are ${[...options].join(', ')}.`),
      );
    if (
      data.fields.some((field) => field.default_value !== undefined || field.default_expression !== undefined || field.identity)
    )
      checks.push(
        fail(
          'defaults',
          'Elasticsearch has no default values and numbers nothing',
          'Use an ingest pipeline, or leave them to the application.',
        ),
      );
    if (data.fields.some((field) => !field.nullable && !data.key?.includes(field.name)))
      checks.push(warn('not_null', 'a mapping does not say that a field must be there', 'Use schema_validation with required.'));
    definitionOf(operation);
    return checks;
  },

  async prepare() {
    return {};
  },

  async *execute(operation) {
    await makeCollection(store, operation.collection, definitionOf(operation));
    yield { rows_done: 1, rows_total: 1 };
  },

  async verify(operation) {
    const found = await findCollection(store, operation.collection);
    return [
      checkThat(found !== undefined, 'collection_exists', {
        pass: `${operation.collection} is there`,
        fail: `${operation.collection} is not there`,
        action: 'Somebody else has dropped it.',
      }),
    ];
  },

  async *rollback(operation) {
    if (await findCollection(store, operation.collection)) {
      const count = await countDocuments(store, nameOf(store, operation.collection));
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
      await dropCollectionIndex(store, operation.collection, Object.keys(definitionOf(operation).aliases ?? {}));
    }
    yield { rows_done: 1, rows_total: 1 };
  },

  async discard() {},
});

function definitionOf({ data }: Operation<'create_collection'>): CollectionDefinition {
  const { settings, mappings, aliases } = (data.options ?? {}) as {
    settings?: JsonObject;
    mappings?: JsonObject;
    aliases?: JsonObject;
  };
  const properties: JsonObject = {};
  for (const { name, type } of data.fields) {
    if (name === '_id' || portableTypeOf(type)?.kind === 'dynamic') continue;
    properties[name] = definitionOfType(type);
  }
  const all = { ...mappings, properties: { ...properties, ...(mappings?.['properties'] as JsonObject | undefined) } };
  const key = data.key === undefined || data.key[0] === idKey[0] ? undefined : [...data.key];
  return { mappings: { ...all, _meta: changedMeta(all, { key }) }, settings: settings ?? {}, aliases };
}
