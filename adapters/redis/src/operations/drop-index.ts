import { checkThat, fail, type JsonObject, PolyshiftError, pass } from '@polyshift/core';
import { buildIndex, clearIndex, withIndex, withoutIndex } from '../indexes/build.ts';
import { indexKey } from '../indexes/entries.ts';
import type { IndexDefinition } from '../indexes/index-definition.ts';
import { planned } from '../planned.ts';
import { isThere } from '../preconditions.ts';
import type { HandlerOf } from './handler-of.ts';

/** The index, and its place among the others. */
interface Undo extends JsonObject {
  index: JsonObject;
  place: number;
}

/** drop_index: its keys are deleted; rollback fills them again from the rows. */
export const dropIndex: HandlerOf<'drop_index', Undo> = (store) => ({
  async plan({ collection, data }) {
    const index = store.definitions.known(collection).indexes.find(({ name }) => name === data.name);
    const key = index ? indexKey(store.keys, collection, index, index.form === 'set' ? '?' : undefined) : data.name;
    return [planned(`UNLINK ${key}`, { phase: 'contract', risk: 'data_removed', undo: 'fills the index again from the rows' })];
  },

  async check({ collection, data }) {
    const there = await isThere(store, collection);
    if (there.status === 'FAILED') return [there];
    const { indexes } = store.definitions.known(collection);
    return [
      there,
      indexes.some(({ name }) => name === data.name)
        ? pass('index_exists', `the index ${data.name} is there`)
        : fail(
            'index_exists',
            `${collection} has no index ${data.name}`,
            `It has ${indexes.map(({ name }) => name).join(', ') || 'none'}.`,
          ),
    ];
  },

  async prepare({ collection, data }) {
    const indexes = (await store.definitions.read(collection))?.indexes ?? [];
    const place = indexes.findIndex(({ name }) => name === data.name);
    if (place < 0) throw new PolyshiftError('UNKNOWN_FIELD', `${collection} has no index ${data.name}`);
    return { index: indexes[place] as unknown as JsonObject, place };
  },

  async *execute({ collection, data }, undo, run) {
    await run.guard();
    await store.definitions.change(collection, (now) => now && withoutIndex(now, data.name));
    await run.fault('undefined');
    await clearIndex(store, collection, undo.index as unknown as IndexDefinition);
    yield { rows_done: 1, rows_total: 1 };
  },

  async verify({ collection, data }) {
    const found = (await store.definitions.read(collection))?.indexes.some(({ name }) => name === data.name) ?? false;
    return [
      checkThat(!found, 'index_gone', {
        pass: `the index ${data.name} is gone`,
        fail: `the index ${data.name} is there again`,
        action: 'Somebody else changes the definition of this collection.',
      }),
    ];
  },

  async *rollback({ collection }, undo, run) {
    const index = undo.index as unknown as IndexDefinition;
    await run.guard();
    await store.definitions.change(collection, (now) => now && withIndex(now, index, undo.place));
    await run.fault('defined');
    yield* buildIndex(store, collection, index, run);
  },

  async discard() {},
});
