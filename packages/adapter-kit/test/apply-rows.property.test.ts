import { applyRows, copyRows, restoreImages, sameRows } from '@polyshift/adapter-kit';
import { isPolyshiftError, type JsonValue, type RunContext } from '@polyshift/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Killed, RowsInMemory } from './rows-in-memory.ts';
import { runInMemory } from './run-in-memory.ts';

const incoming = (keys: readonly number[]) =>
  keys.map((key, index) => ({
    key: `k${key}`,
    row: new Map<string, string>([
      ['id', JSON.stringify(`k${key}`)],
      ['name', '"new"'],
    ]),
    document: new Map([['name', 'new']]),
    tag: `1_0:${index}`,
  }));

function filled(keys: readonly number[]): RowsInMemory {
  const store = new RowsInMemory();
  for (const key of keys) store.put('rows', `k${key}`, { id: `k${key}`, name: 'old', kept: key });
  return store;
}

/** Dies at one step, if there are so many. */
function dieAt(store: RowsInMemory, kill: number): void {
  let step = 0;
  store.beforeStep = () => {
    if (step++ === kill) throw new Killed('killed here');
  };
}

const keys = fc.uniqueArray(fc.nat(12), { maxLength: 8 });

describe('rows that are put into a collection', () => {
  it.each(['upsert', 'ignore'] as const)('%s: each once, wherever it is killed, and back exactly', async (mode) => {
    await fc.assert(
      fc.asyncProperty(keys, keys, fc.array(fc.nat(30), { maxLength: 3 }), async (there, given, kills) => {
        const store = filled(there);
        const before = store.content('rows');
        await store.aside.ensure('a');
        const target = { collection: 'rows', aside: 'a', mode };
        for (const kill of kills) {
          dieAt(store, kill);
          await applyRows(store, target, incoming(given), runInMemory()).catch(() => undefined);
          store.beforeStep = () => undefined;
        }
        await applyRows(store, target, incoming(given), runInMemory());
        const expected = filled(there);
        for (const key of given) {
          const old = there.includes(key);
          if (!old) expected.put('rows', `k${key}`, { id: `k${key}`, name: 'new' });
          else if (mode === 'upsert') expected.put('rows', `k${key}`, { id: `k${key}`, name: 'new', kept: key });
        }
        expect(store.content('rows')).toEqual(expected.content('rows'));
        for await (const _progress of restoreImages(store, 'rows', 'a', runInMemory()));
        expect(store.content('rows')).toEqual(before);
      }),
      { numRuns: 200 },
    );
  });

  it('insert: refuses a key that is taken, and goes back exactly from there', async () => {
    await fc.assert(
      fc.asyncProperty(keys, keys, async (there, given) => {
        const store = filled(there);
        const before = store.content('rows');
        await store.aside.ensure('a');
        const error = await applyRows(
          store,
          { collection: 'rows', aside: 'a', mode: 'insert' },
          incoming(given),
          runInMemory(),
        ).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        const taken = given.some((key) => there.includes(key));
        expect(isPolyshiftError(error, 'DUPLICATE_KEY')).toBe(taken);
        if (!taken) expect(Object.keys(store.content('rows'))).toHaveLength(there.length + given.length);
        for await (const _progress of restoreImages(store, 'rows', 'a', runInMemory()));
        expect(store.content('rows')).toEqual(before);
      }),
    );
  });

  it.each(['insert', 'upsert'] as const)('%s: two rows for one key are refused', async (mode) => {
    const store = filled([]);
    await store.aside.ensure('a');
    await expect(
      applyRows(store, { collection: 'rows', aside: 'a', mode }, incoming([1, 1]), runInMemory()),
    ).rejects.toMatchObject({
      code: 'DUPLICATE_KEY',
    });
  });
});

describe('a copy', () => {
  it('is equal in the end, whatever stopped it and whatever the application wrote meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(
        keys,
        fc.array(fc.nat(40), { maxLength: 3 }),
        fc.array(fc.tuple(fc.nat(20), fc.nat(12), fc.boolean()), { maxLength: 4 }),
        async (there, kills, writes) => {
          const store = filled(there);
          store.rows('copy');
          const journal: { checkpoint: JsonValue | undefined } = { checkpoint: undefined };
          const context = (): RunContext => ({
            ...runInMemory(),
            checkpoint: journal.checkpoint,
            save: async (checkpoint) => {
              journal.checkpoint = checkpoint;
            },
          });
          for (const kill of [...kills, -1]) {
            let step = 0;
            store.beforeStep = () => {
              // The application writes only in the last attempt's first steps, so that the copy can catch up.
              if (kill === -1)
                for (const [at, key, remove] of writes)
                  if (at === step)
                    remove ? store.rows('rows').delete(`k${key}`) : store.put('rows', `k${key}`, { id: `k${key}`, at });
              if (step++ === kill) throw new Killed('killed here');
            };
            try {
              for await (const _progress of copyRows(store, 'rows', 'copy', context()));
            } catch (error) {
              if (!(error instanceof Killed)) throw error;
            }
            store.beforeStep = () => undefined;
          }
          // A write behind the last comparison is found by comparing, and by nothing else.
          const { same } = await sameRows(store, 'rows', 'copy');
          expect(same).toBe(JSON.stringify(store.content('copy')) === JSON.stringify(store.content('rows')));
          for await (const _progress of copyRows(store, 'rows', 'copy', context()));
          expect(store.content('copy')).toEqual(store.content('rows'));
        },
      ),
      { numRuns: 200 },
    );
  });
});
