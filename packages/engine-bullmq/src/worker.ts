import { setTimeout as sleep } from 'node:timers/promises';
import { isPolyshiftError } from '@polyshift/core';
import { FleetLoads, type OwnSpec } from '@polyshift/etl';
import { DelayedError, type Job, UnrecoverableError, Worker } from 'bullmq';
import { answerMs, connectRedis } from './connect.ts';
import { type ChunkJob, errorText, readJob } from './job.ts';
import { Pace } from './pace.ts';
import { type BullmqSettings, settled } from './settings.ts';

/** What a worker tells of its work. */
export type WorkerEvent =
  | { readonly kind: 'ready'; readonly queue: string }
  | { readonly kind: 'chunk_started'; readonly spec: string; readonly chunk: number }
  /** `over`: nothing was left of it, or its run has ended. */
  | {
      readonly kind: 'chunk_ended';
      readonly spec: string;
      readonly chunk: number;
      readonly outcome: 'done' | 'over';
      readonly rows: number;
    }
  /** `again`: it goes back into the queue. */
  | {
      readonly kind: 'chunk_failed';
      readonly spec: string;
      readonly chunk: number;
      readonly error: Error;
      readonly again: boolean;
    }
  | { readonly kind: 'redis_away'; readonly error: Error };

/** What a worker works with. */
export interface WorkerParts {
  /** Chunks at work at once. */
  readonly concurrency: number;
  /** Reads a spec as this worker has it, by its path relative to the folder of the configuration. */
  readonly own: (specFile: string) => Promise<OwnSpec>;
  /** Aborted when the worker is to end: chunks go back into the queue after the writes in flight. */
  readonly signal: AbortSignal;
  /** Milliseconds without a chunk after which the worker ends; default: it never does. */
  readonly idle_ms?: number | undefined;
  readonly tell: (event: WorkerEvent) => void;
}

/** What a worker has done. */
export interface WorkerReport {
  readonly chunks: number;
  readonly rows: number;
  readonly failures: number;
}

/** Milliseconds after which a chunk comes back that another worker has in hand, although the queue does not know it. */
const lockedMs = 2000;

/** Takes chunks from the queue until the signal is aborted. Throws where Redis cannot be reached when it begins; later it waits for it. */
export async function runWorker(settings: BullmqSettings, parts: WorkerParts): Promise<WorkerReport> {
  const { queue, worker: options } = settled(settings);
  const redis = await connectRedis(settings.redis, { maxRetriesPerRequest: null });
  const loads = new FleetLoads();
  const shift = new Shift(loads, new Pace(redis, queue), parts);
  const worker = new Worker<ChunkJob>(queue, (job, token) => shift.process(job, token), {
    ...options,
    connection: redis,
    concurrency: parts.concurrency,
  });
  let away = false;
  worker.on('error', (error) => {
    if (!away) parts.tell({ kind: 'redis_away', error });
    away = true;
  });
  worker.on('active', () => {
    away = false;
  });
  try {
    await worker.waitUntilReady();
    parts.tell({ kind: 'ready', queue });
    await shift.ended();
  } finally {
    await closed(worker);
    await loads[Symbol.asyncDispose]();
    redis.disconnect();
  }
  return shift.report;
}

/** What one worker does from its beginning to its end. */
class Shift {
  private readonly loads: FleetLoads;
  private readonly pace: Pace;
  private readonly parts: WorkerParts;
  private chunks = 0;
  private rows = 0;
  private failures = 0;
  private busy = 0;
  private idleSince = performance.now();

  constructor(loads: FleetLoads, pace: Pace, parts: WorkerParts) {
    this.loads = loads;
    this.pace = pace;
    this.parts = parts;
  }

  get report(): WorkerReport {
    return { chunks: this.chunks, rows: this.rows, failures: this.failures };
  }

  /** Waits until the worker is to end. */
  async ended(): Promise<void> {
    const { signal, idle_ms } = this.parts;
    while (!signal.aborted) {
      if (idle_ms !== undefined && this.busy === 0 && performance.now() - this.idleSince >= idle_ms) return;
      await sleep(idle_ms === undefined ? 60_000 : Math.min(200, idle_ms), undefined, { signal }).catch(() => undefined);
    }
  }

  async process(job: Job<ChunkJob>, token: string | undefined): Promise<void> {
    this.busy++;
    try {
      await this.run(job, token);
    } finally {
      this.busy--;
      this.idleSince = performance.now();
    }
  }

  private async run(job: Job<ChunkJob>, token: string | undefined): Promise<void> {
    const { signal, tell, own } = this.parts;
    const spec = String(job.data.spec_name);
    const chunk = Number(job.data.chunk);
    let rows = 0;
    tell({ kind: 'chunk_started', spec, chunk });
    try {
      const data = readJob(job.data);
      const { rows_per_second: limit } = data;
      const outcome = await this.loads.runChunk(data, chunk, () => own(data.spec_file), {
        signal,
        ...(limit === null ? {} : { pace: (more, each) => this.pace.wait(more, limit, each) }),
        onRows: (more) => {
          rows += more;
        },
      });
      if (outcome === 'done') this.chunks++;
      this.rows += rows;
      tell({ kind: 'chunk_ended', spec, chunk, outcome, rows });
    } catch (error) {
      this.rows += rows;
      if (signal.aborted || isPolyshiftError(error, 'LOCKED')) {
        tell({ kind: 'chunk_failed', spec, chunk, error: error as Error, again: true });
        // No fault of the chunk: it does not count as a try.
        await job.moveToDelayed(Date.now() + (signal.aborted ? 0 : lockedMs), token);
        throw new DelayedError();
      }
      this.failures++;
      const again = mayPass(error);
      tell({ kind: 'chunk_failed', spec, chunk, error: error as Error, again });
      throw again ? new Error(errorText(error)) : new UnrecoverableError(errorText(error));
    }
  }
}

/** Whether another try, on this machine or another, may do better. */
function mayPass(error: unknown): boolean {
  const codes = ['CONNECTION_FAILED', 'CONNECTION_LOST', 'LEASE_LOST', 'STORE_BUSY'];
  return isPolyshiftError(error) && (error.retryable || codes.includes(error.code));
}

/** Ends a worker after the chunks in hand; where Redis is away, it is not waited for. */
async function closed(worker: Worker): Promise<void> {
  const waiting = new AbortController();
  const late = sleep(answerMs, undefined, { signal: waiting.signal, ref: false }).catch(() => undefined);
  const closing = worker.close();
  closing.catch(() => undefined);
  await Promise.race([closing, late]);
  waiting.abort();
  // Without waiting: what it has in hand is told by its lock in the target.
  await Promise.race([worker.close(true).catch(() => undefined), sleep(500, undefined, { ref: false })]);
}
