import { applyChange, restoreImages, verifyImages } from '@polyshift/adapter-kit';
import type { JsonValue, RunContext } from '@polyshift/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Killed, RowsInMemory } from './rows-in-memory.ts';
import { runInMemory } from './run-in-memory.ts';

const aside = 'aside_1_0';

/** A run whose checkpoints outlive it, as the journal's do. */
function runOver(journal: { checkpoint: JsonValue | undefined }): RunContext {
  return runInMemory({
    checkpoint: journal.checkpoint,
    save: async (checkpoint) => {
      journal.checkpoint = JSON.parse(JSON.stringify(checkpoint)) as JsonValue;
    },
  });
}

/** Adds one to `n`: a change that shows when it was applied twice. */
const increment = {
  collection: 'rows',
  aside,
  batch_size: 3,
  edits: (document: ReadonlyMap<string, unknown>) => {
    const n = document.get('n');
    return typeof n === 'number' ? [{ kind: 'set', field: 'n', value: n + 1 } as const] : [];
  },
};

async function drain(progress: AsyncIterable<unknown>): Promise<void> {
  for await (const _each of progress);
}

/** Runs until it ends, being killed at each of the given steps in turn. */
async function withKills(store: RowsInMemory, kills: readonly number[], start: () => AsyncIterable<unknown>): Promise<number> {
  for (const kill of kills) {
    let step = 0;
    store.beforeStep = () => {
      if (step++ === kill) throw new Killed('killed here');
    };
    const error = await drain(start()).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    store.beforeStep = () => undefined;
    if (error === undefined) return step;
    if (!(error instanceof Killed)) throw error;
  }
  await drain(start());
  return 0;
}

const kills = fc.array(fc.nat(60), { maxLength: 5 });
const values = fc.array(fc.option(fc.nat(1000)), { minLength: 1, maxLength: 20 });

function filled(numbers: readonly (number | null)[]): RowsInMemory {
  const store = new RowsInMemory();
  for (const [index, n] of numbers.entries())
    store.put('rows', String(index).padStart(3, '0'), n === null ? { other: index } : { n, other: index });
  return store;
}

describe('a change of rows', () => {
  it('is applied exactly once to each row, wherever it is killed, and goes back exactly, wherever that is killed', async () => {
    await fc.assert(
      fc.asyncProperty(values, kills, kills, async (numbers, killsForth, killsBack) => {
        const store = filled(numbers);
        const before = store.content('rows');
        const journal: { checkpoint: JsonValue | undefined } = { checkpoint: undefined };
        await withKills(store, killsForth, () => applyChange(store, increment, runOver(journal)));
        const expected = filled(numbers.map((n) => (n === null ? null : n + 1))).content('rows');
        expect(store.content('rows')).toEqual(expected);
        expect((await verifyImages(store, 'rows', aside)).map(({ status }) => status)).toEqual(['PASS']);
        await withKills(store, killsBack, () => restoreImages(store, 'rows', aside, runOver({ checkpoint: undefined })));
        expect(store.content('rows')).toEqual(before);
      }),
      { numRuns: 300 },
    );
  });

  it('goes back exactly from any place where it was killed', async () => {
    await fc.assert(
      fc.asyncProperty(values, fc.nat(80), async (numbers, kill) => {
        const store = filled(numbers);
        const before = store.content('rows');
        let step = 0;
        store.beforeStep = () => {
          if (step++ === kill) throw new Killed('killed here');
        };
        await drain(applyChange(store, increment, runOver({ checkpoint: undefined }))).catch(() => undefined);
        store.beforeStep = () => undefined;
        await drain(restoreImages(store, 'rows', aside, runOver({ checkpoint: undefined })));
        expect(store.content('rows')).toEqual(before);
      }),
      { numRuns: 300 },
    );
  });

  it('loses no write of the application, before, between or after its own', async () => {
    await fc.assert(
      fc.asyncProperty(
        values,
        fc.array(fc.tuple(fc.nat(60), fc.nat(19), fc.constantFrom('n', 'other', 'new')), { maxLength: 6 }),
        async (numbers, writes) => {
          const store = filled(numbers);
          const ledger = new Map<string, Map<string, number>>();
          let step = 0;
          store.beforeStep = () => {
            for (const [at, row, field] of writes) {
              if (at !== step) continue;
              const key = String(row % numbers.length).padStart(3, '0');
              const found = store.rows('rows').get(key)!;
              // Far from what the change itself makes, so that its own writes can be told apart.
              store.rows('rows').set(key, { key, row: new Map(found.row).set(field, String(100_000 + at)) });
              ledger.set(key, (ledger.get(key) ?? new Map()).set(field, 100_000 + at));
            }
            step++;
          };
          await drain(applyChange(store, increment, runOver({ checkpoint: undefined })));
          store.beforeStep = () => undefined;
          for (const [key, fields] of ledger)
            for (const [field, value] of fields) {
              const held = Number(store.rows('rows').get(key)!.row.get(field));
              // Written before the row was changed, it was changed too; written after, it stands.
              expect(field === 'n' ? [value, value + 1] : [value]).toContain(held);
            }
          await drain(restoreImages(store, 'rows', aside, runOver({ checkpoint: undefined })));
          for (const [key, fields] of ledger)
            for (const [field, value] of fields) expect(Number(store.rows('rows').get(key)!.row.get(field))).toBe(value);
        },
      ),
      { numRuns: 300 },
    );
  });
});
