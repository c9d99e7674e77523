import { type Check, checkThat, fail, type JsonObject, PolyshiftError, type Progress, type RunContext } from '@polyshift/core';
import { buildIndex, clearIndex, withIndex, withoutIndex } from '../indexes/build.ts';
import type { IndexDefinition } from '../indexes/index-definition.ts';
import { verifyIndex } from '../indexes/verify.ts';
import { planned } from '../planned.ts';
import { isThere } from '../preconditions.ts';
import type { Store } from '../store.ts';
import type { HandlerOf } from './handler-of.ts';

/** The index as it was, and its place among the others. */
interface Undo extends JsonObject {
  index: JsonObject;
  place: number;
}

/** alter_index: a new name means that the index is built anew beside the old one, which is then deleted: readers of either find it whole. */
export const alterIndex: HandlerOf<'alter_index', Undo> = (store) => ({
  async plan({ collection, data }, context) {
    const rows = context.schema.collections[collection]?.approximate_count;
    const key = (name: string): string => store.keys.beside(collection, 'index', name);
    return [
      planned(`fill ${key(data.new_name ?? data.name)} as ${key(data.name)}`, {
        phase: 'migrate',
        rows,
        risk: 'none',
        undo: 'builds the index again under its old name',
      }),
      planned(`UNLINK ${key(data.name)}`, { phase: 'contract', risk: 'none', undo: 'builds the index again under its old name' }),
    ];
  },

  async check({ collection, data }) {
    const there = await isThere(store, collection);
    if (there.status === 'FAILED') return [there];
    const { indexes } = store.definitions.known(collection);
    const checks: Check[] = [
      there,
      checkThat(
        indexes.some(({ name }) => name === data.name),
        'index_exists',
        {
          pass: `the index ${data.name} is there`,
          fail: `${collection} has no index ${data.name}`,
          action: `It has ${indexes.map(({ name }) => name).join(', ') || 'none'}.`,
        },
      ),
    ];
    for (const option of ['hidden', 'expire_after_seconds'] as const)
      if (data[option] !== undefined) checks.push(fail('option', `Redis has no ${option} for indexes`, `Leave ${option} out.`));
    if (data.new_name?.includes(':'))
      checks.push(fail('option', 'the name of an index has no colon here: it is part of a key', 'Choose another name.'));
    if (indexes.some(({ name }) => name === data.new_name))
      checks.push(fail('name_free', `there is an index ${data.new_name} already`, 'Choose another name.'));
    return checks;
  },

  async prepare({ collection, data }) {
    const indexes = (await store.definitions.read(collection))?.indexes ?? [];
    const place = indexes.findIndex(({ name }) => name === data.name);
    if (place < 0) throw new PolyshiftError('UNKNOWN_FIELD', `${collection} has no index ${data.name}`);
    return { index: indexes[place] as unknown as JsonObject, place };
  },

  execute({ collection, data }, undo, run) {
    const old = undo.index as unknown as IndexDefinition;
    return become(store, collection, old, { ...old, name: data.new_name ?? old.name }, undo.place, run);
  },

  async verify({ collection, data }) {
    const wanted = data.new_name ?? data.name;
    const indexes = (await store.definitions.read(collection))?.indexes ?? [];
    const found = indexes.find(({ name }) => name === wanted);
    if (!found)
      return [fail('index_changed', `there is no index ${wanted}`, 'Somebody else changes the definition of this collection.')];
    if (wanted !== data.name && indexes.some(({ name }) => name === data.name))
      return [fail('index_changed', `the index ${data.name} is there still, beside ${wanted}`, 'Delete it by drop_index.')];
    return verifyIndex(store, collection, found);
  },

  rollback({ collection, data }, undo, run) {
    const old = undo.index as unknown as IndexDefinition;
    return become(store, collection, { ...old, name: data.new_name ?? old.name }, old, undo.place, run);
  },

  async discard() {},
});

/** Both indexes are in the definition while the new one is built. */
async function* become(
  store: Store,
  collection: string,
  old: IndexDefinition,
  wanted: IndexDefinition,
  place: number,
  run: RunContext,
): AsyncGenerator<Progress> {
  if (old.name === wanted.name) return;
  await run.guard();
  await store.definitions.change(collection, (now) =>
    now?.indexes.some(({ name }) => name === wanted.name) ? now : now && withIndex(now, wanted, place),
  );
  await run.fault('defined');
  yield* buildIndex(store, collection, wanted, run);
  await run.guard();
  await store.definitions.change(collection, (now) => now && withIndex(withoutIndex(now, old.name), wanted, place));
  await run.fault('undefined');
  await clearIndex(store, collection, old);
}
