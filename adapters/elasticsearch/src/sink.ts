import { keyedSink, type SinkStore } from '@polyshift/adapter-kit';
import {
  type JsonObject,
  type LoadUndo,
  ownValue,
  PolyshiftError,
  type Progress,
  type Sink,
  type SinkTarget,
  type TargetField,
  typeText,
} from '@polyshift/core';
import { findCollection, onlyIndex } from './collection/collection.ts';
import { dropCollectionIndex, makeCollection } from './collection/make-collection.ts';
import { isOwnName, nameOf } from './collection/names.ts';
import { refresh } from './documents/scan.ts';
import { request } from './http/request.ts';
import { changedMeta, idKey } from './mapping/collection-meta.ts';
import { portableTypeOfField } from './mapping/field-types.ts';
import type { Parts } from './operations/parts.ts';
import { countDocuments } from './rebuild/copy.ts';
import { detachedRun } from './rebuild/detached-run.ts';
import { type MappingUndo, mappingUndo, restoreMapping } from './rebuild/restore-mapping.ts';
import type { RawField } from './rows/raw-field.ts';
import { violationsOf } from './rows/row-operations.ts';
import { DocumentEncoder } from './sink/row-encoder.ts';
import { translateErrors } from './translate-errors.ts';
import { mappingFor, typeTargets } from './types.ts';

/** Writes collections. */
export function elasticsearchSink(parts: Parts): Sink {
  const { store, rows } = parts;
  const sinkStore: SinkStore<RawField> = {
    store: rows,

    async state(collection) {
      if (isOwnName(store, nameOf(store, collection)))
        throw new PolyshiftError('INVALID_DOCUMENT', `${collection} belongs to polyshift`);
      const found = await findCollection(store, collection);
      if (!found) return 'absent';
      return (await countDocuments(store, onlyIndex(found).index)) === 0 ? 'empty' : 'filled';
    },

    async plan(target, before) {
      checkKey(target);
      const found = before === 'absent' ? undefined : await store.mappings.open(store, target.collection);
      if (found && found.key[0] !== idKey[0] && found.key.join('\0') !== target.key.join('\0')) {
        throw new PolyshiftError(
          'INVALID_DOCUMENT',
          `${target.collection} has the key ${found.key.join(', ')}, not ${target.key.join(', ')}`,
        );
      }
      const name = store.prefix + target.collection;
      const create =
        before === 'absent' ? [JSON.stringify({ PUT: `${name}_v?`, aliases: { [name]: {} }, ...definitionOf(target) })] : [];
      const write = JSON.stringify([{ [target.mode === 'upsert' ? 'index' : 'create']: { _index: name, _id: '?' } }, '?']);
      return {
        statements: [...create, write],
        fields: target.columns.filter(({ name: field }) => field !== '_id').map((column) => fieldOf(target, column)),
      };
    },

    create: (target) => makeCollection(store, target.collection, definitionOf(target)),

    async clear(collection) {
      const index = nameOf(store, collection);
      await refresh(store, index);
      await request(store, 'POST', [index, '_delete_by_query'], {
        body: { query: { match_all: {} } },
        query: { conflicts: 'proceed', refresh: true },
      });
    },

    drop: (collection) => dropCollectionIndex(store, collection),

    count: (collection) => countDocuments(store, nameOf(store, collection)),

    async encoder(target) {
      return new DocumentEncoder(target, await store.mappings.open(store, target.collection));
    },

    async violations(collection) {
      return violationsOf(await store.mappings.open(store, collection));
    },

    finish: (collection) => refresh(store, nameOf(store, collection)),
  };
  const keyed = keyedSink(sinkStore);
  const sink: Sink = {
    ...keyed,

    async plan(target) {
      const planned = await keyed.plan(target);
      if (planned.undo.before === 'absent') return planned;
      return { ...planned, undo: { ...planned.undo, definition: await mappingUndo(store, target.collection) } };
    },

    open: async (target, undo) => translateErrors(await keyed.open(target, undo), `loading ${target.collection}`),

    async *rollback(undo: LoadUndo, loaded: number): AsyncGenerator<Progress> {
      if (undo.before !== 'absent' && (await findCollection(store, undo.collection)))
        await store.mappings.open(store, undo.collection);
      yield* keyed.rollback(undo, loaded);
      // Fields that came with the documents are in the mapping still.
      const definition = undo['definition'] as MappingUndo | undefined;
      if (definition) yield* restoreMapping(parts, undo.collection, definition, detachedRun(undo.aside));
    },
  };
  return translateErrors(sink, 'sink');
}

function checkKey({ key, columns, dynamic }: SinkTarget): void {
  if (key.length === 0)
    throw new PolyshiftError('INVALID_DOCUMENT', 'Elasticsearch loads by a key, which makes the _id', {
      hint: 'Name the key of the target.',
    });
  const missing = dynamic || columns.length === 0 ? [] : key.filter((name) => !columns.some((column) => column.name === name));
  if (missing.length > 0)
    throw new PolyshiftError('UNKNOWN_FIELD', `no column is called ${missing.join(', ')}, which is the key`);
}

/** Mapping and settings of a new target: by the columns, with what `load_params` says on top. */
function definitionOf(target: SinkTarget): { mappings: JsonObject; settings: JsonObject } {
  const { settings, mappings } = (target.params ?? {}) as { settings?: JsonObject; mappings?: JsonObject };
  const properties: JsonObject = {};
  for (const column of target.dynamic ? (target.shown ?? []) : target.columns) {
    if (column.name !== '_id') properties[column.name] = mappingFor(column.type);
  }
  const all = { ...mappings, properties: { ...properties, ...(mappings?.['properties'] as JsonObject | undefined) } };
  const key = target.key[0] === idKey[0] ? undefined : [...target.key];
  return { mappings: { ...all, _meta: changedMeta(all, { key }) }, settings: settings ?? {} };
}

function fieldOf(target: SinkTarget, { name, type }: SinkTarget['columns'][number]): TargetField {
  const own = (ownValue(definitionOf(target).mappings['properties'] as JsonObject, name) ?? {}) as JsonObject;
  const native = typeof own['type'] === 'string' ? own['type'] : typeText(portableTypeOfField(own));
  return { name, type: native, losses: typeTargets[type.kind].losses };
}
