import { keyedSink, type RowStore, type SinkStore } from '@polyshift/adapter-kit';
import { type LoadUndo, PolyshiftError, type Sink, type SinkTarget, type TargetField, typeText } from '@polyshift/core';
import { clearCollection, countKeys, dropCollection, stateOf } from './collections.ts';
import type { Definition } from './definitions/definition.ts';
import { loadedDefinition } from './definitions/definition-of.ts';
import { rowEncoder } from './sink-encode.ts';
import type { Store } from './store.ts';
import { streamKey } from './streams/entries.ts';
import { translateErrors } from './translate-errors.ts';
import { typeTargets } from './types.ts';
import { violationsOf } from './validation.ts';

/** Writes collections: hashes, strings of JSON, or one stream. */
export function redisSink(store: Store, rows: RowStore<Buffer>): Sink {
  const sink: SinkStore<Buffer> = {
    store: rows,
    state: (collection) => stateOf(store, collection),

    async plan(target, before) {
      const definition = await definitionFor(store, target, before);
      return { statements: statementsOf(store, target, definition, before), fields: fieldsOf(target, definition) };
    },

    async create(target) {
      await store.definitions.change(target.collection, (found) => found ?? loadedDefinition(target));
    },

    clear: (collection) => clearCollection(store, collection),
    drop: (collection) => dropCollection(store, collection),
    count: (collection) => countKeys(store, collection),

    async encoder(target) {
      return rowEncoder(await definitionFor(store, target, 'filled'), target);
    },

    async violations(collection) {
      await store.definitions.read(collection);
      const { validation } = store.definitions.known(collection);
      return validation && violationsOf(validation, true);
    },
  };
  const keyed = keyedSink(sink);
  return translateErrors(
    {
      ...keyed,
      open: async (target: SinkTarget, undo: LoadUndo) =>
        translateErrors(await keyed.open(target, undo), `loading ${target.collection}`),
    },
    'sink',
  );
}

/** The definition that rows of a load are encoded by. Throws INVALID_DOCUMENT, UNKNOWN_FIELD or UNSUPPORTED_OPERATION where the load does not fit. */
async function definitionFor(store: Store, target: SinkTarget, before: LoadUndo['before']): Promise<Definition> {
  store.keys.refuseOwn(target.collection);
  if (target.key.length === 0)
    throw new PolyshiftError('INVALID_DOCUMENT', 'a load into Redis needs a key', {
      hint: 'Name the fields of the key by `key` in the load step.',
    });
  if (!target.dynamic) {
    const missing = target.key.find((name) => !target.columns.some((column) => column.name === name));
    if (missing !== undefined)
      throw new PolyshiftError('UNKNOWN_FIELD', `no column is called ${missing}, which is to be the key`);
  }
  const wanted = loadedDefinition(target);
  const existing = before === 'absent' ? undefined : await store.definitions.read(target.collection);
  if (!existing && before === 'filled')
    throw new PolyshiftError(
      'UNSUPPORTED_OPERATION',
      `${target.collection} has rows and no definition, so the types of what is loaded would be lost`,
      {
        hint: 'Give it one first: alter_options with { encoding: hash } or { encoding: json } writes it.',
      },
    );
  const definition = existing ?? wanted;
  const [has, asked] = [definition.key.map(({ name }) => name), target.key];
  if ([...has].sort().join('\0') !== [...asked].sort().join('\0'))
    throw new PolyshiftError('INVALID_DOCUMENT', `${target.collection} has the key ${has.join(', ')}, not ${asked.join(', ')}`, {
      hint: 'Load by the key that the collection has, or into another collection.',
    });
  if (definition.encoding === 'stream' && target.mode === 'upsert')
    throw new PolyshiftError('UNSUPPORTED_OPERATION', `${target.collection} is a stream: its entries cannot be replaced`, {
      hint: 'Load with mode insert or ignore, or into hashes or JSON by `encoding` in load_params.',
    });
  return definition;
}

function statementsOf(store: Store, target: SinkTarget, definition: Definition, before: LoadUndo['before']): string[] {
  const define = before === 'absent' ? [`HSET ${store.keys.shared('collections')} ${target.collection} ?`] : [];
  const row = `${store.keys.rows(target.collection)}?`;
  switch (definition.encoding) {
    case 'stream':
      return [...define, `XADD ${streamKey(store, target.collection)} * ${target.key.join(' ? ')} ? …`];
    case 'json':
      return [...define, `SET ${row} ? ${target.mode === 'upsert' ? 'KEEPTTL' : 'NX'}`];
    case 'hash':
      return [...define, `HSET ${row} ? ? …`];
  }
}

function fieldsOf(target: SinkTarget, definition: Definition): TargetField[] {
  return target.columns.map(({ name, type }) => ({
    name,
    type: target.key.includes(name)
      ? `in the key (${typeText(type)})`
      : definition.encoding === 'json'
        ? `JSON (${typeText(type)})`
        : `text (${typeText(type)})`,
    losses: typeTargets[type.kind].losses,
  }));
}
