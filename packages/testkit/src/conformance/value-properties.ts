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
  type TypeKind,
  typeText,
} from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import type { ConformanceOptions, ConformanceServer } from './options.ts';
import { SharedStage } from './shared-stage.ts';
import { valuesOf } from './source-properties.ts';
import { Stage } from './stage.ts';
import { type Fate, holdAgainstDeclaration } from './type-declaration.ts';
import { type CorpusEntry, valueCorpus } from './value-corpus.ts';
import { sameValue } from './value-equivalence.ts';

/**
 * Every portable value comes back as it went in, or the sink has said what it lost or refused; and what happens to the values of a type is
 * what the capabilities declare of it, no less and no more.
 */
export function valueProperties(adapter: Adapter, server: ConformanceServer, options: ConformanceOptions): void {
  const corpus = [...valueCorpus, ...(options.values ?? [])];
  const kinds = [...new Set(corpus.map(({ type }) => type.kind))];
  describe('values', () => {
    const shared = SharedStage.ofGroup(() => Stage.empty(adapter, server));

    it.each(kinds)('%s', (kind: TypeKind) =>
      shared.use(async (stage, nth) => {
        const fates: Fate[] = [];
        for (const [position, entry] of corpus.filter(({ type }) => type.kind === kind).entries())
          fates.push(...(await proveValues(stage.session, `corpus_${nth}_${position}`, options.key ?? 'id', entry)));
        holdAgainstDeclaration(adapter.capabilities, kind, fates);
      }),
    );
  });
}

/** Loads values into a collection of their own and reads them back. Tells what happened to each. */
async function proveValues(
  session: StoreSession,
  collection: string,
  key: string,
  { type, values }: CorpusEntry,
): Promise<Fate[]> {
  const columns: Column[] = [portableColumn(key, { kind: 'int64' }, false), portableColumn('v', type)];
  const all: PortableValue[] = [...values, null];
  const rows = all.map((value, index) => [BigInt(index), value]);
  const batchOf = (indexes: readonly number[]): RowBatch => ({
    kind: 'rows',
    columns,
    rows: indexes.map((index) => rows[index]!),
  });
  const target: SinkTarget = {
    collection,
    columns,
    dynamic: false,
    key: [key],
    mode: 'insert',
    on_loss: 'nearest',
    aside: collection,
  };
  const sink = session.sink!;
  const { undo } = await sink.plan(target);
  const fates: Fate[] = [];
  {
    await using writer = await sink.open(target, undo);
    for (const [index, value] of all.entries()) {
      const encoded = writer.encode(batchOf([index]));
      for (const loss of encoded.losses)
        expect([loss.field, loss.count > 0, loss.example.from.length > 0]).toEqual(['v', true, true]);
      fates.push({
        type,
        value,
        losses: encoded.losses.map(({ loss }) => loss),
        refused: encoded.rejected.length > 0,
        back: undefined,
      });
    }
    const accepted = all.map((_value, index) => index).filter((index) => !fates[index]!.refused);
    const encoded = writer.encode(batchOf(accepted));
    expect(encoded.rejected).toEqual([]);
    for (const { index, code } of (await writer.write(encoded.batch, { replay: false })).rejected) {
      expect(code, `${typeText(type)} ${String(all[accepted[index]!])}`).toBe('CONVERSION_FAILED');
      fates[accepted[index]!] = { ...fates[accepted[index]!]!, refused: true };
    }
    await writer.finish();
  }
  const back = await readBack(session, collection, key);
  for (const [index, fate] of fates.entries()) {
    const found = back.get(String(index));
    fates[index] = { ...fate, back: found };
    if (fate.refused) expect(found, 'a refused row is not written').toBeUndefined();
    else {
      const shown = `${typeText(type)} ${canonicalText(type, fate.value)}`;
      expect(found, `${shown} is missing`).toBeDefined();
      if (fate.losses.length === 0)
        expect(
          sameValue(type, fate.value, found!.type, found!.value),
          `${shown} came back as ${canonicalText(found!.type, found!.value)}, and no loss was counted`,
        ).toBe(true);
    }
  }
  await using strict = await sink.open({ ...target, on_loss: 'error' }, undo);
  for (const [index, { losses }] of fates.entries())
    if (losses.length > 0) expect(strict.encode(batchOf([index])).rejected.map((row) => row.code)).toEqual(['LOSS_REFUSED']);
  return fates;
}

async function readBack(
  session: StoreSession,
  collection: string,
  key: string,
): Promise<Map<string, { type: PortableType; value: PortableValue }>> {
  await using scan = await session.source!.scan({ collection });
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
