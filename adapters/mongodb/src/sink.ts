import { type JsonObject, type LoadUndo, PolyshiftError, type Progress, type Sink, type SinkTarget } from '@polyshift/core';
import type { Document } from 'mongodb';
import { hasCode } from './errors.ts';
import { optionValue } from './introspect.ts';
import { mongodbSinkIndexes } from './sink/indexes.ts';
import { rollbackLoad } from './sink-rollback.ts';
import { sinkWriter } from './sink-writer.ts';
import { asideCollection, dropIfThere, durable, isOwnCollection, type Store } from './store.ts';
import { translateErrors } from './translate-errors.ts';
import { lossesOf, types } from './types.ts';

/** Writes collections. */
export function mongodbSink(store: Store): Sink {
  const sink: Sink = {
    indexes: translateErrors(mongodbSinkIndexes(store), 'sink.indexes'),

    async plan(target) {
      checkTarget(target);
      const before = await stateOf(store, target.collection);
      const undo: LoadUndo = { collection: target.collection, before, aside: target.aside };
      const statements = [
        ...(before === 'absent' ? [JSON.stringify({ create: target.collection, ...optionsOf(target) })] : []),
        ...(before === 'filled' ? [JSON.stringify({ insert: asideCollection(target.aside), documents: '?' })] : []),
        target.mode === 'upsert'
          ? JSON.stringify({ update: target.collection, updates: [{ q: { _id: '?' }, u: '?', upsert: true }] })
          : JSON.stringify({ insert: target.collection, documents: '?', ordered: false }),
      ];
      const fields = target.columns.map(({ name, type }) => ({ name, type: types[type.kind].native, losses: lossesOf(type) }));
      return { undo, statements, fields };
    },

    async open(target, undo) {
      checkTarget(target);
      if (undo.before === 'absent') await create(store, target);
      return translateErrors(sinkWriter(store, target, undo.before), `loading ${target.collection}`);
    },

    rollback: (undo, loaded): AsyncIterable<Progress> => rollbackLoad(store, undo, loaded),

    discard: (undo) => dropIfThere(store, asideCollection(undo.aside)),
  };
  return translateErrors(sink, 'sink');
}

function checkTarget(target: SinkTarget): void {
  if (target.key.length !== 1 || target.key[0] !== '_id') {
    throw new PolyshiftError('INVALID_DOCUMENT', `MongoDB loads by _id, not by ${target.key.join(', ') || 'nothing'}`, {
      hint: 'Map the key of the source to _id.',
    });
  }
  if (!target.dynamic && target.columns.length > 0 && !target.columns.some((column) => column.name === '_id')) {
    throw new PolyshiftError('UNKNOWN_FIELD', 'no column is called _id', { hint: 'Map the key of the source to _id.' });
  }
  if (isOwnCollection(target.collection)) {
    throw new PolyshiftError('INVALID_DOCUMENT', `${target.collection} belongs to polyshift or to the server`);
  }
}

async function stateOf(store: Store, name: string): Promise<LoadUndo['before']> {
  const [listed] = await store.db.listCollections({ name }, { nameOnly: false }).toArray();
  if (!listed) return 'absent';
  if (listed.type === 'view')
    throw new PolyshiftError('UNSUPPORTED_OPERATION', `${name} is a view: nothing can be loaded into it`);
  return (await store.db.collection(name).findOne({}, { projection: { _id: 1 } })) ? 'filled' : 'empty';
}

/** `options` of the load's parameters: those of the create command. */
function optionsOf(target: SinkTarget): Document {
  const options = (target.params?.['options'] ?? {}) as JsonObject;
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [name, optionValue(value)]));
}

async function create(store: Store, target: SinkTarget): Promise<void> {
  try {
    await store.db.command({ create: target.collection, ...optionsOf(target), ...durable });
  } catch (error) {
    if (!hasCode(error, 48)) throw error;
  }
}
