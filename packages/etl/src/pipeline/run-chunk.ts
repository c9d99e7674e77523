import type { JsonValue, Lease, Loss, SinkWriter, WriteResult } from '@polyshift/core';
import { batchSize } from '@polyshift/core';
import type { DeadLetterFile } from '../dead-letter.ts';
import type { FaultPlace } from '../dependencies.ts';
import type { Chunk } from '../engine/engine.ts';
import type { EmitEtl } from '../events.ts';
import { Checkpointer } from '../journal/checkpointer.ts';
import type { EtlRecords, PartitionProgress } from '../journal/records.ts';
import { deadLetters, type RejectionLimit } from '../load/rejections.ts';
import { refuseUnequal } from '../load/replayed.ts';
import { type RetryPolicy, stopped, withRetries } from '../retry.ts';
import type { LoadedSpec } from '../spec/load-spec.ts';
import type { LossCounter } from '../transform/losses.ts';
import type { Meter } from './meter.ts';
import type { Prepared } from './prepare.ts';
import type { Slots } from './slots.ts';
import { readAhead, type StepClock, type Unit, units } from './units.ts';

/** What all chunks of an attempt share. */
export interface ChunkContext {
  readonly loaded: LoadedSpec;
  readonly prepared: Prepared;
  readonly writer: SinkWriter;
  readonly lease: Lease;
  readonly records: EtlRecords;
  readonly slots: Slots;
  readonly letters: DeadLetterFile;
  readonly limit: RejectionLimit;
  readonly losses: LossCounter;
  readonly clock: StepClock & { load_ms: number; writes: number };
  readonly meters: { readonly extract: Meter; readonly transform: Meter; readonly load: Meter };
  readonly policy: RetryPolicy;
  readonly emit: EmitEtl;
  readonly fault: (place: FaultPlace) => Promise<void>;
}

const nothingWritten: WriteResult = { inserted: 0, replaced: 0, already_there: 0, rejected: [] };

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
  const { prepared, loaded, emit, slots } = context;
  const partition = chunk.partition.id;
  emit({ kind: 'partition_started', partition, resumed: chunk.rows_before > 0, rows_done: chunk.rows_before });
  const checkpointer = new Checkpointer({
    records: context.records,
    fence: context.lease.fence,
    progress,
    reserveRows: reservedUnits * prepared.loadBatchSize,
    fault: context.fault,
  });
  const running = new Set<Promise<void>>();
  let reserved: Promise<void> = Promise.resolve();
  let failure: { error: unknown } | undefined;
  // After an abort whatever breaks off breaks off because of it.
  const fail = (error: unknown): void => {
    failure ??= { error: signal.aborted ? stopped() : error };
  };
  const source = prepared.scan.read(chunk.partition, {
    batch_size: loaded.extract.batch_size,
    after: chunk.after ?? undefined,
    signal,
  });
  try {
    for await (const unit of units(
      readAhead(source),
      prepared.transform,
      prepared.loadBatchSize,
      chunk.rows_before,
      context.clock,
    )) {
      const rows = unit.rowsThrough - unit.rowsFrom;
      context.meters.extract.add(rows);
      context.meters.transform.add(rows - unit.rejected.length);
      await context.fault('etl.after_read');
      await slots.take();
      const task = start(unit)
        .catch(fail)
        .finally(() => {
          slots.give();
          running.delete(task);
        });
      running.add(task);
      await reserved;
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
  emit({ kind: 'partition_finished', partition, rows: checkpointer.current.counts.rows_read });

  async function start(unit: Unit): Promise<void> {
    // The next unit waits for this reservation too: it may lie within it.
    reserved = checkpointer.reserve(unit.rowsThrough);
    await reserved;
    await context.lease.guard();
    if (!signal.aborted && !failure) await write(unit);
  }

  async function write(unit: Unit): Promise<void> {
    const rows = unit.rowsThrough - unit.rowsFrom;
    const started = performance.now();
    const encoded = context.writer.encode(unit.batch);
    await context.fault('etl.before_write');
    // From the start again: a scan whose key is not unique may give its rows in another order than the last time.
    const mayBeThere = chunk.replay_through > 0 && (chunk.after === null || unit.rowsFrom < chunk.replay_through);
    const result =
      batchSize(encoded.batch) === 0
        ? nothingWritten
        : await withRetries(context.policy, signal, retried, async (attempt) => {
            if (attempt > 0) await context.lease.guard();
            const replay = mayBeThere || attempt > 0;
            const written = await context.writer.write(encoded.batch, { replay });
            return replay && loaded.load.mode !== 'ignore'
              ? refuseUnequal(context.writer, encoded.batch, written, prepared.sinkTarget('').key)
              : written;
          });
    context.clock.load_ms += performance.now() - started;
    context.clock.writes++;
    await context.fault('etl.after_write');
    const letters = deadLetters({
      unit,
      runId: chunk.run_id,
      partition,
      sourceKey: prepared.scan.description.key,
      encoded: encoded.rejected,
      written: result.rejected,
    });
    if (letters.length > 0) {
      await context.letters.append(letters);
      for (const { key, code, message } of letters) emit({ kind: 'rejected', partition, row: { key, code, message } });
    }
    const losses = [...unit.losses, ...encoded.losses];
    tellLosses(losses);
    // Rows that are too many stop the run before the checkpoint passes them: the next attempt tries them again.
    context.limit.add(rows, letters);
    await checkpointer.complete(unit.sequence, {
      counts: {
        rows_read: rows,
        rows_transformed: batchSize(unit.batch),
        inserted: result.inserted,
        replaced: result.replaced,
        already_there: result.already_there,
        rejected: letters.length,
      },
      losses,
      mark: unit.mark as { last_key: JsonValue } | undefined,
    });
    context.meters.load.add(result.inserted + result.replaced + result.already_there);
  }

  function retried(error: Error, attempt: number, pauseMs: number): void {
    emit({ kind: 'retry', error, attempt, pause_ms: pauseMs, reconnect: false });
  }

  function tellLosses(losses: readonly Loss[]): void {
    if (losses.length === 0) return;
    const known = new Set(context.losses.list().map((loss) => `${loss.field} ${loss.loss}`));
    context.losses.add(losses);
    for (const loss of losses) if (!known.has(`${loss.field} ${loss.loss}`)) emit({ kind: 'loss', loss });
  }
}
