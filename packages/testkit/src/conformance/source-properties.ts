import type { Adapter, Batch, JsonValue, Partition, PortableValue, Source, SourceQuery, StoreSession } from '@polyshift/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConformanceOptions, ConformanceServer } from './options.ts';
import { seedCount, seedRow } from './seed.ts';
import { SharedStage } from './shared-stage.ts';
import { Stage } from './stage.ts';

/** A scan gives every row once, however it is split, and goes on behind any key. */
export function sourceProperties(adapter: Adapter, server: ConformanceServer, options: ConformanceOptions): void {
  const key = options.key ?? 'id';
  const allKeys = Array.from({ length: seedCount }, (_, index) => String(seedRow(index)[0])).sort();

  describe('source', () => {
    const shared = SharedStage.ofGroup(() => Stage.seeded(adapter, server, options));

    it.each([1, 2, 3, 7, 100])('gives every row once in %i partitions', (want) =>
      shared.use(async (stage) => {
        await using scan = await sourceOf(stage.session).scan({ collection: 'items' });
        const partitions = await scan.partitions(want);
        expect(partitions.length).toBeGreaterThan(0);
        expect(partitions.length).toBeLessThanOrEqual(want);
        const seen: string[] = [];
        for (const partition of JSON.parse(JSON.stringify(partitions)) as Partition[]) {
          for await (const { batch } of scan.read(partition, { batch_size: 7 })) seen.push(...valuesOf(batch, key).map(String));
        }
        expect(seen.sort()).toEqual(allKeys);
        expect(await scan.count()).toBe(seedCount);
      }),
    );

    it('goes on behind any key, in any batch size', () =>
      shared.use(async (stage) => {
        await fc.assert(
          fc.asyncProperty(
            fc.integer({ min: 1, max: 70 }),
            fc.nat(8),
            fc.integer({ min: 1, max: 4 }),
            async (batch_size, stopAfter, want) => {
              await using scan = await sourceOf(stage.session).scan({ collection: 'items' });
              const seen: string[] = [];
              for (const partition of await scan.partitions(want)) {
                let after: JsonValue | undefined;
                let batches = 0;
                for await (const { batch, last_key } of scan.read(partition, { batch_size })) {
                  expect(batch.kind === 'rows' ? batch.rows.length : batch.documents.length).toBeLessThanOrEqual(batch_size);
                  seen.push(...valuesOf(batch, key).map(String));
                  after = JSON.parse(JSON.stringify(last_key)) as JsonValue;
                  if (++batches > stopAfter) break;
                }
                if (batches === 0) continue;
                for await (const { batch } of scan.read(partition, { batch_size, after }))
                  seen.push(...valuesOf(batch, key).map(String));
              }
              expect(seen.sort()).toEqual(allKeys);
            },
          ),
          { numRuns: 12 },
        );
      }));

    it('gives every row once, however often what is left of a partition is cut in two', () =>
      shared.use(async (stage) => {
        await fc.assert(
          fc.asyncProperty(
            fc.integer({ min: 1, max: 25 }),
            fc.integer({ min: 1, max: 3 }),
            fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }),
            async (batch_size, want, cuts) => {
              await using scan = await sourceOf(stage.session).scan({ collection: 'items' });
              const waiting = await scan.partitions(want);
              const seen: string[] = [];
              let turn = 0;
              for (let partition = waiting.shift(); partition; partition = waiting.shift()) {
                let after: JsonValue = null;
                let ended = false;
                while (!ended) {
                  ended = true;
                  const cut: readonly [Partition, Partition] | undefined =
                    cuts[turn++ % cuts.length] && turn < 40 ? await scan.split?.(partition, after) : undefined;
                  if (cut) {
                    const [first, second] = JSON.parse(JSON.stringify(cut)) as [Partition, Partition];
                    partition = first;
                    waiting.push(second);
                  }
                  for await (const { batch, last_key } of scan.read(partition, { batch_size, after: after ?? undefined })) {
                    seen.push(...valuesOf(batch, key).map(String));
                    after = JSON.parse(JSON.stringify(last_key)) as JsonValue;
                    if (after === null) continue;
                    ended = false;
                    break;
                  }
                }
              }
              expect(seen.sort()).toEqual(allKeys);
            },
          ),
          { numRuns: 12 },
        );
      }));

    it.each<[SourceQuery['conditions'], (row: PortableValue[]) => boolean]>([
      [{ age: { gte: 30 } }, ([, , , age]) => age !== null && (age as number) >= 30],
      [{ age: { ne: 31 } }, ([, , , age]) => age !== 31],
      [{ age: null }, ([, , , age]) => age === null],
      [{ age: { in: [11, 12, 500] } }, ([, , , age]) => age === 11 || age === 12],
      [{ age: { nin: [11, 12] } }, ([, , , age]) => age !== 11 && age !== 12],
      [{ name: { like: '%eil %' } }, ([, name]) => (name as string).includes('eil ')],
      [{ name: "O'Neil 0" }, ([, name]) => name === "O'Neil 0"],
      [
        { or: [{ age: { lt: 13 } }, { not: { legacy: { is_null: false } } }] },
        ([, , , age, , legacy]) => (age !== null && (age as number) < 13) || legacy === null,
      ],
      [{ not: { age: { gt: 20 } } }, ([, , , age]) => !(age !== null && (age as number) > 20)],
      [{ name: "' OR 1=1 --" }, () => false],
    ])('chooses the rows that meet %j', (conditions, holds) =>
      shared.use(async (stage) => {
        await using scan = await sourceOf(stage.session).scan({ collection: 'items', conditions });
        const expected = Array.from({ length: seedCount }, (_, index) => seedRow(index))
          .filter(holds)
          .map(([id]) => String(id));
        const seen: string[] = [];
        for (const partition of await scan.partitions(2))
          for await (const { batch } of scan.read(partition, { batch_size: 10 })) seen.push(...valuesOf(batch, key).map(String));
        expect(seen.sort()).toEqual(expected.sort());
        expect(await scan.count()).toBe(expected.length);
        expect(await stage.session.count('items', conditions)).toBe(expected.length);
      }),
    );

    it('says which collection or field is not there', () =>
      shared.use(async (stage) => {
        await expect(sourceOf(stage.session).scan({ collection: 'nowhere' })).rejects.toMatchObject({
          code: 'UNKNOWN_COLLECTION',
        });
        if (adapter.capabilities.fixed_columns) {
          await expect(sourceOf(stage.session).scan({ collection: 'items', conditions: { nothing: 1 } })).rejects.toMatchObject({
            code: 'UNKNOWN_FIELD',
          });
        }
      }));
  });
}

function sourceOf(session: StoreSession): Source {
  if (!session.source) throw new Error('the adapter has no source');
  return session.source;
}

/** The portable values of one field in a batch. */
export function valuesOf(batch: Batch, field: string): PortableValue[] {
  if (batch.kind === 'documents') {
    return batch.documents.map((document) => {
      const raw = batch.get(document, field);
      return raw === undefined || raw === null ? null : batch.decodeValue(raw);
    });
  }
  const position = batch.columns.findIndex((column) => column.name === field);
  const column = batch.columns[position];
  if (!column) throw new Error(`the batch has no column ${field}`);
  return batch.rows.map((row) => {
    const raw = row[position];
    return raw === null || raw === undefined ? null : column.decode(raw);
  });
}
