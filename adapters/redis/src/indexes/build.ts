import { type KeyedRow, keyList } from '@polyshift/adapter-kit';
import { PolyshiftError, type Progress, type RunContext } from '@polyshift/core';
import type { Definition } from '../definitions/definition.ts';
import { keyBatches } from '../keys/key-batches.ts';
import { nameOf } from '../keys/names.ts';
import { readRows } from '../rows/read-rows.ts';
import { isWhole, runSteps } from '../rows/write-rows.ts';
import { type Command, type Store, sendEach } from '../store.ts';
import { indexKeys } from './content.ts';
import { entriesOf, step } from './entries.ts';
import type { IndexDefinition } from './index-definition.ts';

/** Rows in a batch of a build. */
const batchSize = 500;

/** Rounds in which a row may be changed between its read and the write of its entry. */
const maxRounds = 20;

/** Puts an index into a definition, at a place among the others (the last, where missing), or takes it out. */
export function withIndex(definition: Definition, index: IndexDefinition, place = definition.indexes.length): Definition {
  const others = definition.indexes.filter(({ name }) => name !== index.name);
  return { ...definition, indexes: [...others.slice(0, place), index, ...others.slice(place)] };
}

/** A definition without an index. */
export function withoutIndex(definition: Definition, name: string): Definition {
  return { ...definition, indexes: definition.indexes.filter((index) => index.name !== name) };
}

/**
 * Fills an index with the entries of all rows, each written only where the row is still as it was read. The definition names the index already, so that
 * polyshift's own writes keep it meanwhile. Idempotent.
 */
export async function* buildIndex(
  store: Store,
  collection: string,
  index: IndexDefinition,
  run: RunContext,
): AsyncGenerator<Progress> {
  const definition = (await store.definitions.read(collection)) ?? store.definitions.known(collection);
  let rows_done = 0;
  for await (const { ids, total } of keyBatches(store, collection, batchSize)) {
    await run.guard();
    await addRows(store, collection, definition, index, ids);
    await run.fault('indexed');
    rows_done += ids.length;
    yield { rows_done, rows_total: total, note: `building index ${index.name}` };
  }
}

/** Deletes what an index holds. Idempotent. */
export async function clearIndex(store: Store, collection: string, index: IndexDefinition): Promise<void> {
  const keys = await indexKeys(store, collection, index);
  await sendEach(
    store,
    keys.map((key): Command => ['unlink', key]),
  );
}

async function addRows(
  store: Store,
  collection: string,
  definition: Definition,
  index: IndexDefinition,
  ids: readonly string[],
): Promise<void> {
  let open = ids;
  for (let round = 0; open.length > 0; round++) {
    if (round === maxRounds)
      throw new PolyshiftError('STORE_BUSY', `the application writes rows of ${collection} all the time: ${keyList(open)}`, {
        retryable: true,
      });
    const rows = await readRows(store, collection, open);
    const entries = rows.map(({ row }) => entriesOf(store.keys, collection, definition, [index], row));
    const indexed = rows.flatMap((keyed, position) =>
      entries[position]!.length > 0 ? [{ keyed, entries: entries[position]! }] : [],
    );
    const replies = await runSteps(
      store,
      indexed.map(({ keyed, entries: wanted }) => ({
        key: store.keys.row(collection, String(keyed.key)),
        condition: isWhole(keyed.row),
        effect: ['none'],
        entries: wanted.map((entry) => step('+', entry)),
      })),
    );
    const taken = replies.findIndex(Array.isArray);
    if (taken >= 0) throw duplicate(index, indexed[taken]!.keyed, (replies[taken] as [number, Buffer])[1]);
    open = indexed.flatMap(({ keyed }, position) => (replies[position] === 0 ? [String(keyed.key)] : []));
  }
}

function duplicate(index: IndexDefinition, { key }: KeyedRow<Buffer>, holder: Buffer): PolyshiftError {
  return new PolyshiftError(
    'DUPLICATE_KEY',
    `the unique index ${index.name} cannot hold both ${keyList([key, nameOf(holder)])}: their values are equal`,
  );
}
