import { documentText, type LoadUndo, portableColumn, type RowBatch, type SinkTarget } from '@polyshift/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { typedValues } from './arbitraries.ts';
import { openStage, type Stage, ways } from './stage.ts';

const target = (change: Partial<SinkTarget> = {}): SinkTarget => ({
  collection: 'loaded',
  columns: [],
  dynamic: false,
  key: ['_id'],
  mode: 'insert',
  on_loss: 'nearest',
  aside: 'load',
  ...change,
});

const batchOf = (rows: unknown[][]): RowBatch => ({
  kind: 'rows',
  columns: [portableColumn('_id', { kind: 'int32' }, false), portableColumn('v', { kind: 'text' })],
  rows,
});

describe.each(ways)('sink, %s', (_name, without) => {
  it('writes what it encodes: the collection gives back equal documents', async () => {
    await using stage = await openStage(without);
    let number = 0;
    await fc.assert(
      fc.asyncProperty(typedValues, async ({ type, values }) => {
        const columns = [portableColumn('_id', { kind: 'int32' }, false), portableColumn('v', type)];
        const rows = values.map((value, index) => [index, value]);
        const into = target({ collection: `values_${number++}`, columns });
        const { undo } = await stage.session.sink!.plan(into);
        await using writer = await stage.session.sink!.open(into, undo);
        const { batch } = writer.encode({ kind: 'rows', columns, rows });
        expect((await writer.write(batch, { replay: false })).inserted).toBe(rows.length);
        const found = await writer.lookup(batch);
        if (batch.kind !== 'documents' || found.kind !== 'documents') throw new Error('documents were expected');
        const texts = (documents: readonly unknown[]) => documents.map((document) => documentText(batch.decode(document))).sort();
        expect(texts(found.documents)).toEqual(texts(batch.documents));
      }),
      { numRuns: 40 },
    );
  });

  it('takes several writes at once, and batches larger than a command', async () => {
    await using stage = await openStage(without);
    const into = target({ dynamic: true });
    const { undo } = await stage.session.sink!.plan(into);
    await using writer = await stage.session.sink!.open(into, undo);
    const big = 'x'.repeat(1_500_000);
    const columns = [portableColumn('_id', { kind: 'int32' }), portableColumn('1', { kind: 'text' })];
    const results = await Promise.all(
      [0, 100, 200].map((from) =>
        writer.write(
          writer.encode({ kind: 'rows', columns, rows: Array.from({ length: 12 }, (_, index) => [from + index, big]) }).batch,
          { replay: false },
        ),
      ),
    );
    expect(results.map((result) => result.inserted)).toEqual([12, 12, 12]);
    expect(await stage.session.count('loaded')).toBe(36);
  });

  it('rejects what a validator or another unique index refuses, one by one', async () => {
    await using stage = await openStage(without);
    const validators = stage.store.features.validators;
    await stage.store.db.command({
      create: 'loaded',
      ...(validators ? { validator: { $jsonSchema: { properties: { v: { enum: ['a', 'b', 'c'] } } } } } : {}),
    });
    await stage.collection('loaded').createIndex({ v: 1 }, { unique: true });
    const { undo } = await stage.session.sink!.plan(target({ columns: batchOf([]).columns }));
    expect(undo.before).toBe('empty');
    await using writer = await stage.session.sink!.open(target({ columns: batchOf([]).columns }), undo);
    const { batch } = writer.encode(
      batchOf([
        [1, 'a'],
        [2, 'a'],
        [3, validators ? 'refused' : 'a'],
        [4, 'b'],
      ]),
    );
    const result = await writer.write(batch, { replay: false });
    expect(result.inserted).toBe(2);
    expect(result.rejected.map((row) => [row.index, row.key, row.code])).toEqual([
      [1, 2, 'DUPLICATE_KEY'],
      [2, 3, validators ? 'CONSTRAINT_VIOLATED' : 'DUPLICATE_KEY'],
    ]);
  });

  it('loads over documents of others again and again, and puts each of them back', async () => {
    await using stage = await openStage(without);
    await stage.collection('loaded').insertMany([
      { _id: 1 as never, v: 'old', z: 1 },
      { _id: 2 as never, v: 'old' },
    ]);
    const before = await stage.session.fingerprint('loaded');
    const undo = await loadOver(
      stage,
      [
        [1, 'new'],
        [3, 'new'],
      ],
      false,
    );
    const once = await stage.session.fingerprint('loaded');
    await loadOver(
      stage,
      [
        [1, 'new'],
        [3, 'new'],
      ],
      true,
      undo,
    );
    expect(await stage.session.fingerprint('loaded')).toEqual(once);
    await stage.collection('loaded').updateOne({ _id: 3 as never }, { $set: { v: 'mine' } });
    const changed = await stage.session.fingerprint('loaded');
    await expect(rollBack(stage, undo)).rejects.toMatchObject({ code: 'WRITTEN_SINCE' });
    expect(await stage.session.fingerprint('loaded')).toEqual(changed);
    await stage.collection('loaded').deleteOne({ _id: 3 as never });
    await rollBack(stage, undo);
    await rollBack(stage, undo);
    expect(await stage.session.fingerprint('loaded')).toEqual(before);
  });

  it('takes a document that an attempt recorded and did not write', async () => {
    await using stage = await openStage(without);
    await stage.collection('loaded').insertMany([{ _id: 1 as never, v: 'old' }]);
    const before = await stage.session.fingerprint('loaded');
    const undo = await loadOver(
      stage,
      [
        [1, 'new'],
        [3, 'new'],
      ],
      false,
    );
    const after = await stage.session.fingerprint('loaded');
    // As if the process had been killed between the records and the documents.
    await stage.collection('loaded').deleteOne({ _id: 3 as never });
    await stage.collection('loaded').replaceOne({ _id: 1 as never }, { v: 'old' });
    await loadOver(
      stage,
      [
        [1, 'new'],
        [3, 'new'],
      ],
      true,
      undo,
    );
    expect(await stage.session.fingerprint('loaded')).toEqual(after);
    await rollBack(stage, undo);
    expect(await stage.session.fingerprint('loaded')).toEqual(before);
  });

  it.each([
    [target({ key: ['id'] }), 'INVALID_DOCUMENT'],
    [target({ columns: [portableColumn('id', { kind: 'int32' })] }), 'UNKNOWN_FIELD'],
    [target({ collection: 'polyshift_steps' }), 'INVALID_DOCUMENT'],
  ])('refuses a target that cannot be: %#', async (into, code) => {
    await using stage = await openStage(without);
    await expect(stage.session.sink!.plan(into)).rejects.toMatchObject({ code });
  });
});

async function loadOver(stage: Stage, rows: unknown[][], replay: boolean, kept?: LoadUndo): Promise<LoadUndo> {
  const into = target({ mode: 'upsert', columns: batchOf([]).columns });
  const undo = kept ?? (await stage.session.sink!.plan(into)).undo;
  await using writer = await stage.session.sink!.open(into, undo);
  const result = await writer.write(writer.encode(batchOf(rows)).batch, { replay });
  expect(result.rejected).toEqual([]);
  return undo;
}

async function rollBack(stage: Stage, undo: LoadUndo): Promise<void> {
  for await (const _progress of stage.session.sink!.rollback(undo, 2));
}
