import { type Batch, batchSize, type Column } from '@polyshift/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { JoinedBatch } from '../src/extract/joined.ts';
import { type Unit, units } from '../src/pipeline/units.ts';
import type { Transformed } from '../src/transform/transform-batch.ts';

const columns: Column[] = [
  { name: 'id', type: { kind: 'int64' }, nullable: false, form: 'portable', decode: (raw) => raw as bigint },
];

const transform = (batch: Batch): Transformed => ({
  outputs: [{ batch, origins: undefined, outer: undefined, parent: undefined }],
  rejected: [],
  leftOut: 0,
  losses: [],
});

async function* source(batches: readonly number[]): AsyncGenerator<JoinedBatch> {
  let next = 0;
  for (const rows of batches) {
    const ids = Array.from({ length: rows }, () => next++);
    yield { batch: { kind: 'rows', columns, rows: ids.map((id) => [BigInt(id)]) }, last_key: next - 1 };
  }
}

const idsOf = (unit: Unit): number[] =>
  (unit.outputs[0]!.batch as Extract<Batch, { kind: 'rows' }>).rows.map(([id]) => Number(id));

const batches = fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 20 });
const sizes = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 30 });

it('has every row in one unit, in order, whatever sizes are asked for on the way', async () => {
  await fc.assert(
    fc.asyncProperty(batches, sizes, fc.integer({ min: 0, max: 500 }), async (given, asked, before) => {
      let turn = 0;
      let largest = 0;
      const size = (): number => {
        const rows = asked[turn++ % asked.length]!;
        largest = Math.max(largest, rows);
        return rows;
      };
      const seen: number[] = [];
      const ends = new Set(given.map((_, index) => given.slice(0, index + 1).reduce((sum, rows) => sum + rows, 0)));
      let sequence = 0;
      let row = before;
      for await (const unit of units(source(given), transform, size, before, { extract_ms: 0, transform_ms: 0 })) {
        const ids = idsOf(unit);
        expect(unit.sequence).toBe(sequence++);
        expect(unit.rowsFrom).toBe(row);
        expect(unit.rowsThrough).toBe(row + ids.length);
        expect(ids.length).toBeGreaterThan(0);
        expect(ids.length).toBeLessThanOrEqual(largest);
        expect(ids.map((_, index) => unit.outputs[0]!.sourceRow(index))).toEqual(ids.map((id) => before + id));
        expect(unit.sources.reduce((sum, { batch }) => sum + batchSize(batch), 0)).toBe(ids.length);
        row += ids.length;
        seen.push(...ids);
        // A checkpoint is at the end of a batch, with the key of its last row.
        if (unit.mark) expect(unit.mark.last_key).toBe(seen.length - 1);
        expect(unit.mark !== undefined).toBe(ends.has(seen.length));
      }
      const total = given.reduce((sum, rows) => sum + rows, 0);
      expect(seen).toEqual(Array.from({ length: total }, (_, index) => index));
    }),
  );
});

it('reads on from any checkpoint with other sizes, and has the rows behind it once', async () => {
  await fc.assert(
    fc.asyncProperty(batches, sizes, sizes, async (given, first, second) => {
      const cycle = (asked: readonly number[]) => {
        let turn = 0;
        return () => asked[turn++ % asked.length]!;
      };
      const clock = { extract_ms: 0, transform_ms: 0 };
      const marks: number[] = [];
      for await (const unit of units(source(given), transform, cycle(first), 0, clock)) {
        if (unit.mark) marks.push(unit.rowsThrough);
      }
      for (const mark of marks) {
        const rest: number[] = [];
        const skipped = async function* (): AsyncGenerator<JoinedBatch> {
          for await (const each of source(given)) if ((each.last_key as number) >= mark && batchSize(each.batch) > 0) yield each;
        };
        for await (const unit of units(skipped(), transform, cycle(second), mark, clock)) rest.push(...idsOf(unit));
        expect(rest[0] ?? mark).toBe(mark);
        expect(rest).toEqual(Array.from({ length: rest.length }, (_, index) => mark + index));
        expect(mark + rest.length).toBe(given.reduce((sum, rows) => sum + rows, 0));
      }
    }),
  );
});
