import {
  type Adapter,
  type Column,
  canonicalText,
  type PortableType,
  type PortableValue,
  portableColumn,
  type RowBatch,
  type SinkTarget,
  type StoreSession,
  typeText,
} from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import type { ConformanceOptions, ConformanceServer } from './options.ts';
import { valuesOf } from './source-properties.ts';
import { Stage } from './stage.ts';
import { valueCorpus } from './value-corpus.ts';
import { sameValue } from './value-equivalence.ts';

/** Every portable value comes back as it went in, or the sink has said what it lost. */
export function valueProperties(adapter: Adapter, server: ConformanceServer, options: ConformanceOptions): void {
  const key = options.key ?? 'id';
  describe('values', () => {
    it.each(valueCorpus.map(({ type, values }) => [typeText(type), type, values] as const))('%s', async (_name, type, values) => {
      await using stage = await Stage.empty(adapter, server);
      const columns: Column[] = [portableColumn(key, { kind: 'int64' }, false), portableColumn('v', type)];
      const all: PortableValue[] = [...values, null];
      const batch: RowBatch = { kind: 'rows', columns, rows: all.map((value, index) => [BigInt(index), value]) };
      const target: SinkTarget = {
        collection: 'corpus',
        columns,
        dynamic: false,
        key: [key],
        mode: 'insert',
        on_loss: 'nearest',
        aside: 'corpus',
      };
      const sink = stage.session.sink!;
      const { undo } = await sink.plan(target);
      await using writer = await sink.open(target, undo);
      const lossy = new Set<number>();
      const refused = new Set<number>();
      for (const [index] of all.entries()) {
        const encoded = writer.encode({ ...batch, rows: [batch.rows[index]!] });
        if (encoded.losses.length > 0) lossy.add(index);
        for (const loss of encoded.losses)
          expect([loss.field, loss.count > 0, loss.example.from.length > 0]).toEqual(['v', true, true]);
        if (encoded.rejected.length > 0) refused.add(index);
        else expect((await writer.write(encoded.batch, { replay: false })).rejected, String(all[index])).toEqual([]);
        expect(writer.encode({ ...batch, rows: [batch.rows[index]!] }).losses).toEqual(encoded.losses);
      }
      await writer.finish();
      const back = await readBack(stage.session, key);
      for (const [index, value] of all.entries()) {
        if (refused.has(index)) {
          expect(back.has(String(index)), 'a refused row is not written').toBe(false);
          continue;
        }
        const found = back.get(String(index));
        expect(found, `${typeText(type)} ${String(value)} is missing`).toBeDefined();
        if (lossy.has(index)) continue;
        const same = sameValue(type, value, found!.type, found!.value);
        expect(
          same,
          `${typeText(type)} ${String(value)} came back as ${canonicalText(found!.type, found!.value)}, and no loss was declared`,
        ).toBe(true);
      }
      expect(refused.size, `${typeText(type)} must hold at least some value`).toBeLessThan(all.length - 1);
      const strict = await sink.open({ ...target, on_loss: 'error' }, undo);
      for (const index of lossy) {
        expect(strict.encode({ ...batch, rows: [batch.rows[index]!] }).rejected.map((row) => row.code)).toEqual(['LOSS_REFUSED']);
      }
      await strict[Symbol.asyncDispose]();
    });
  });
}

async function readBack(session: StoreSession, key: string): Promise<Map<string, { type: PortableType; value: PortableValue }>> {
  await using scan = await session.source!.scan({ collection: 'corpus' });
  const found = new Map<string, { type: PortableType; value: PortableValue }>();
  for (const partition of await scan.partitions(1)) {
    for await (const { batch } of scan.read(partition, { batch_size: 100 })) {
      const keys = valuesOf(batch, key);
      const values = valuesOf(batch, 'v');
      const column = batch.kind === 'rows' ? batch.columns.find((each) => each.name === 'v') : undefined;
      keys.forEach((id, index) => {
        found.set(String(id), { type: column?.type ?? { kind: 'dynamic' }, value: values[index]! });
      });
    }
  }
  return found;
}
