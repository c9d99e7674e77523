import {
  type Batch,
  type EncodedBatch,
  type LoadUndo,
  PolyshiftError,
  type PortableDocument,
  type Progress,
  type RejectedRow,
  type Sink,
  type SinkTarget,
  type SinkWriter,
  type WriteResult,
} from '@polyshift/core';
import { isFailure } from '../change/contention.ts';
import type { KeyedRow } from '../row-store.ts';
import { KeyGate } from './key-gate.ts';
import { rollbackLoad } from './rollback-load.ts';
import { type InsertRows, loadAside, type RowEncoder, type SinkStore } from './sink-store.ts';
import { writeFilled } from './write-filled.ts';
import { writeFresh } from './write-fresh.ts';

/** A sink over the rows of a store: idempotent by key, no row lost in silence, taken back exactly. */
export function keyedSink<Raw>(sink: SinkStore<Raw>): Sink {
  return {
    async plan(target) {
      const before = await sink.state(target.collection);
      const undo: LoadUndo = { collection: target.collection, before, aside: target.aside };
      return { undo, ...(await sink.plan(target, before)) };
    },

    async open(target, undo) {
      if (undo.before === 'absent') await sink.create(target);
      if (undo.before === 'filled') await sink.store.aside.ensure(loadAside(sink, target.aside));
      const encoder = await sink.encoder(target);
      const apart = target.unique_keys || target.sole_writer;
      const quick = undo.before !== 'filled' && apart ? await sink.inserter?.(target) : undefined;
      return writer(sink, target, undo, { encoder, violations: await sink.violations?.(target.collection), quick });
    },

    rollback: (undo, loaded): AsyncIterable<Progress> => rollbackLoad(sink, undo, loaded),

    discard: (undo) => sink.store.aside.drop(loadAside(sink, undo.aside)),
  };
}

/** What an open target works with. */
interface OpenParts<Raw> {
  readonly encoder: RowEncoder<Raw>;
  readonly violations: ((document: PortableDocument) => readonly string[]) | undefined;
  readonly quick: InsertRows<Raw> | undefined;
}

function writer<Raw>(
  sink: SinkStore<Raw>,
  target: SinkTarget,
  undo: LoadUndo,
  { encoder, violations, quick }: OpenParts<Raw>,
): SinkWriter {
  const { store } = sink;
  const onCondition: InsertRows<Raw> = (rows) =>
    store.write(
      target.collection,
      rows.map(({ key, row }) => ({ kind: 'insert', key, row })),
    );
  const gate = new KeyGate();
  const fresh = (rows: readonly KeyedRow<Raw>[], replay: boolean): Promise<WriteResult> =>
    quick ? gate.hold(rows, () => writeFresh(replay ? onCondition : quick, rows, replay)) : writeFresh(onCondition, rows, replay);
  return {
    encode(batch) {
      const encoded = encoder.encode(batch);
      return violations ? withoutViolations(sink, target, encoder, violations, encoded) : encoded;
    },

    async write(batch, { replay }) {
      const rows = encoder.rowsOf(batch);
      if (rows.length === 0) return { inserted: 0, replaced: 0, already_there: 0, rejected: [] };
      return undo.before === 'filled'
        ? writeFilled(store, target, loadAside(sink, target.aside), rows, replay)
        : fresh(rows, replay);
    },

    async lookup(batch: Batch) {
      const keys = encoder.rowsOf(batch).map(({ key }) => key);
      return encoder.batchOf(keys.length === 0 ? [] : await store.get(target.collection, keys));
    },

    async remove(batch) {
      const keys = encoder.rowsOf(batch).map(({ key }) => key);
      if (keys.length === 0) return;
      const rows = await store.get(target.collection, keys);
      const outcomes = await store.write(
        target.collection,
        rows.map(({ key, row }) => ({ kind: 'remove', key, row })),
      );
      const failed = outcomes.find(isFailure);
      if (failed) throw new PolyshiftError(failed.code, failed.message);
    },

    async finish() {
      await sink.finish?.(target.collection);
    },

    async [Symbol.asyncDispose]() {},
  };
}

/** Rejects the rows that do not meet the stored validation schema of the target. */
function withoutViolations<Raw>(
  { store }: SinkStore<Raw>,
  target: SinkTarget,
  encoder: RowEncoder<Raw>,
  violations: (document: PortableDocument) => readonly string[],
  encoded: EncodedBatch,
): EncodedBatch {
  const rows = encoder.rowsOf(encoded.batch);
  const gone = new Set(encoded.rejected.map(({ index }) => index));
  const rejected: RejectedRow[] = [...encoded.rejected];
  const kept = rows.filter((keyed, position) => {
    const broken = violations(store.codec.decode(target.collection, keyed.row));
    if (broken.length === 0) return true;
    rejected.push({
      index: originalIndex(position, gone),
      key: keyed.key,
      code: 'CONSTRAINT_VIOLATED',
      message: broken.join('; '),
    });
    return false;
  });
  if (kept.length === rows.length) return encoded;
  return { ...encoded, batch: encoder.batchOf(kept), rejected: rejected.sort((left, right) => left.index - right.index) };
}

/** The position in the batch that went in of a row of the encoded one, which leaves out those at `gone`. */
function originalIndex(position: number, gone: ReadonlySet<number>): number {
  let index = -1;
  for (let left = position; left >= 0; ) {
    index++;
    if (!gone.has(index)) left--;
  }
  return index;
}
