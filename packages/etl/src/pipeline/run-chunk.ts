import { setImmediate } from 'node:timers/promises';
import type { Fence, JsonValue, Loss, ReadOptions, SinkWriter, Throttle } from '@polyshift/core';
import { batchSize } from '@polyshift/core';
import type { LetterStore } from '../dead-letters/dead-letter.ts';
import type { FaultPlace } from '../dependencies.ts';
import type { Chunk } from '../engine/engine.ts';
import type { EmitEtl } from '../events.ts';
import type { JoinedBatch } from '../extract/joined.ts';
import { Checkpointer } from '../journal/checkpointer.ts';
import { addTargetCounts, type EtlRecords, type PartitionProgress } from '../journal/records.ts';
import type { BatchSize } from '../load/batch-size.ts';
import { deadLetters, type RejectionLimit } from '../load/rejections.ts';
import { rowWriter, type WriteGates } from '../load/write-rows.ts';
import { type EncodedUnit, encodeUnit, writeUnit } from '../load/write-unit.ts';
import { type RetryPolicy, stopped } from '../retry.ts';
import type { LossCounter } from '../transform/losses.ts';
import { type Prepared, writeRowsOf } from './prepare.ts';
import { readAhead } from './read-ahead.ts';
import type { Slots } from './slots.ts';
import { type IssuedUnit, issued, type StepClock, units } from './units.ts';

/** Takes a number of rows. */
interface RowCounter {
  add(rows: number): void;
}

/** What chunks work with: all those of an attempt share it, or, where each has a lock of its own, it is that of one. */
export interface ChunkContext {
  readonly prepared: Prepared;
  /** By the targets. */
  readonly writers: readonly SinkWriter[];
  readonly gates: WriteGates;
  /** The lock of the run, or that of the chunk. */
  readonly lease: { readonly fence: Fence; guard(): Promise<void> };
  readonly records: EtlRecords;
  readonly slots: Slots;
  /** Reads a chunk where it may be cut meanwhile; missing where it is read to its end. */
  readonly read?: ((options: ReadOptions) => AsyncIterable<JoinedBatch>) | undefined;
  readonly throttle: Throttle;
  /** Waits until so many more rows may be written; where it is missing nobody counts them. */
  readonly pace?: ((rows: number) => Promise<void>) | undefined;
  readonly letters: LetterStore;
  /** Tells the dead letters of this attempt from those of others. */
  readonly attempt: string;
  readonly limit: RejectionLimit;
  readonly losses: LossCounter;
  readonly clock: StepClock & { load_ms: number; writes: number };
  readonly meters: { readonly extract: RowCounter; readonly transform: RowCounter; readonly load: RowCounter };
  readonly policy: RetryPolicy;
  readonly emit: EmitEtl;
  readonly fault: (place: FaultPlace) => Promise<void>;
}

/** Writes that are reserved in the journal beyond those issued. */
const reservedUnits = 20;

/**
 * Runs one chunk to the end of its partition: reads, transforms, encodes and writes with several writes in flight, and keeps the checkpoint
 * behind those that have ended. On any error the writes in flight end first, and what they did is kept.
 */
export async function runChunk(
  chunk: Chunk,
  progress: PartitionProgress,
  context: ChunkContext,
  signal: AbortSignal,
): Promise<void> {
  const { prepared, emit, slots } = context;
  const { targets } = prepared;
  const flow = prepared.flows[chunk.flow]!;
  const partition = chunk.id;
  emit({ kind: 'partition_started', partition, resumed: chunk.rows_before > 0, rows_done: chunk.rows_before });
  const checkpointer = new Checkpointer({
    records: context.records,
    fence: context.lease.fence,
    progress,
    reserveRows: () => reservedUnits * flow.unitSize,
    writeRows: () => writeRowsOf(prepared),
    fault: context.fault,
  });
  const running = new Set<Promise<void>>();
  let failure: { error: unknown } | undefined;
  // After an abort whatever breaks off breaks off because of it.
  const fail = (error: unknown): void => {
    failure ??= { error: signal.aborted ? stopped() : error };
  };
  const { sizes } = prepared;
  const encoders = weighing(context.writers, sizes);
  const writeRows = rowWriter({
    targets,
    writers: context.writers,
    sizes,
    gates: context.gates,
    policy: context.policy,
    signal,
    guard: () => context.lease.guard(),
    retried: (error, attempt, pause_ms) => emit({ kind: 'retry', error, attempt, pause_ms, reconnect: false }),
  });
  const options: ReadOptions = { batch_size: flow.readSize, after: chunk.after ?? undefined, signal };
  const source = context.read ? context.read(options) : flow.scan.read(chunk.partition, options);
  try {
    for await (const unit of units(readAhead(source), flow.transform, () => flow.unitSize, chunk.rows_before, context.clock)) {
      const rows = unit.rowsThrough - unit.rowsFrom;
      if (!flow.looksForOrphans) context.meters.extract.add(rows);
      context.meters.transform.add(madeRows(unit));
      await context.fault('etl.after_read');
      // Those in flight end; the next one waits, and with it the reading.
      await (unit.sequence === 0 ? context.throttle.hold() : context.throttle.afterBatch());
      await context.pace?.(rows);
      // What was issued just now goes out first: encoding would keep it back.
      await setImmediate();
      // Before there is a place, so that the store has the next write as soon as it has ended one.
      const encoded = encodeUnit(unit, flow, targets, encoders);
      await checkpointer.reserve(unit.rowsThrough);
      await slots.take();
      const task = start(issued(unit), encoded)
        .catch(fail)
        .finally(() => {
          slots.give();
          running.delete(task);
        });
      running.add(task);
      if (failure || signal.aborted) break;
    }
  } catch (error) {
    fail(error);
  }
  await Promise.all(running);
  if (!failure && signal.aborted) failure = { error: stopped() };
  if (failure) {
    // What was written is kept, so that the next attempt has less to do; where the store is gone, the last checkpoint has to do.
    await checkpointer.save().catch(() => undefined);
    throw failure.error;
  }
  await checkpointer.finish();
  emit({ kind: 'partition_finished', partition, rows: checkpointer.current.position });

  async function start(unit: IssuedUnit, encoded: EncodedUnit): Promise<void> {
    await context.lease.guard();
    if (!signal.aborted && !failure) await write(unit, encoded);
  }

  async function write(unit: IssuedUnit, encoded: EncodedUnit): Promise<void> {
    const rows = unit.rowsThrough - unit.rowsFrom;
    const started = performance.now();
    await context.fault('etl.before_write');
    // From the start again: a scan whose key is not unique may give its rows in another order than the last time.
    const mayBeThere = chunk.replay_through > 0 && (chunk.after === null || unit.rowsFrom < chunk.replay_through);
    const written = await writeUnit(unit, encoded, flow, targets, writeRows(mayBeThere));
    context.clock.load_ms += performance.now() - started;
    context.clock.writes++;
    await context.fault('etl.after_write');
    const letters = deadLetters({
      unit,
      runId: chunk.run_id,
      attempt: context.attempt,
      chunk,
      flow,
      targets,
      encoded: encoded.rejected,
      written: written.rejected,
    });
    if (letters.length > 0) {
      // The rows may have taken long, or this process may have stood still since.
      await context.lease.guard();
      await context.letters.append(letters);
      for (const { key, code, message } of letters) emit({ kind: 'rejected', partition, row: { key, code, message } });
    }
    tellLosses(encoded.losses);
    // Rows that are too many stop the run before the checkpoint passes them: the next attempt tries them again.
    context.limit.add(flow.looksForOrphans ? letters.length : rows, letters);
    await checkpointer.complete(unit.sequence, {
      rows,
      counts: {
        rows_read: flow.looksForOrphans ? 0 : rows,
        rows_transformed: madeRows(unit),
        left_out: unit.leftOut,
        rejected: letters.length,
        targets: written.counts,
      },
      losses: encoded.losses,
      mark: unit.mark as { last_key: JsonValue } | undefined,
    });
    const { inserted, replaced, already_there } = written.counts.reduce(addTargetCounts);
    context.meters.load.add(inserted + replaced + already_there);
  }

  function tellLosses(losses: readonly Loss[]): void {
    if (losses.length === 0) return;
    const known = new Set(context.losses.list().map((loss) => `${loss.field} ${loss.loss}`));
    context.losses.add(losses);
    for (const loss of losses) if (!known.has(`${loss.field} ${loss.loss}`)) emit({ kind: 'loss', loss });
  }
}

/** Encodes, and tells how many bytes rows have. */
function weighing(writers: readonly SinkWriter[], sizes: readonly BatchSize[]): Pick<SinkWriter, 'encode'>[] {
  return writers.map((writer, target) => ({
    encode(batch) {
      const encoded = writer.encode(batch);
      sizes[target]!.weigh(batchSize(encoded.batch), encoded.bytes);
      return encoded;
    },
  }));
}

function madeRows({ outputs }: IssuedUnit): number {
  return outputs.reduce((sum, { rows }) => sum + rows, 0);
}
