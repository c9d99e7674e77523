import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine, EngineLoad } from '@polyshift/etl';
import { type JobType, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { connectionError, connectRedis, within } from './connect.ts';
import { type ChunkJob, errorOf, jobId } from './job.ts';
import { type BullmqSettings, chunksOf, settled } from './settings.ts';

/** Milliseconds between two looks at a load, and how many more for each of its chunks. */
const [lookMs, lookMsPerChunk] = [1000, 2];

/** Milliseconds that Redis may be away, with no chunk ended meanwhile, until the run stops. */
const patienceMs = 60_000;

/** Chunks that are asked for in Redis at once, at most. */
const atOnce = 500;

/** The lists of a queue: chunks in hand, those that nobody could run, and those that wait. */
const states: JobType[][] = [['active'], ['failed'], ['waiting', 'delayed', 'prioritized']];

/** What a run gives its engine. */
export interface EngineParts {
  /** The file of the spec, relative to the folder of the configuration. */
  readonly spec_file: string;
}

/**
 * An engine that puts chunks into a queue of Redis, for workers anywhere. What has been done is told by the journal of the target alone: a chunk that is not done
 * there and not in the queue, since Redis has lost it, is put into the queue again.
 */
export function bullmqEngine(settings: BullmqSettings, parts: EngineParts): Engine {
  return {
    locks: 'chunk',
    async chunks(partitions) {
      const connection = await openQueue(settings);
      try {
        return chunksOf(settings, partitions, (await workersOf(connection.queue)) ?? 0);
      } finally {
        await connection.close();
      }
    },
    async run(load) {
      const connection = await openQueue(settings);
      const run = new QueuedLoad(connection.queue, settings, parts, load);
      try {
        await run.toEnd();
      } finally {
        await run.forget();
        await connection.close();
      }
    },
  };
}

/** A load whose chunks are in the queue. */
class QueuedLoad {
  private readonly queue: Queue;
  private readonly load: EngineLoad;
  private readonly options: ReturnType<typeof settled>;
  private readonly parts: EngineParts;
  private running: number | undefined;
  private workers: number | undefined;
  /** When Redis answered last, or a chunk ended. */
  private livedAt = performance.now();
  private outages = 0;
  private lastOpen = Number.POSITIVE_INFINITY;

  constructor(queue: Queue, settings: BullmqSettings, parts: EngineParts, load: EngineLoad) {
    this.queue = queue;
    this.load = load;
    this.options = settled(settings);
    this.parts = parts;
  }

  /** Ends when the target says that all chunks are done. Throws what a worker could not mend, and CONNECTION_LOST when Redis stays away. */
  async toEnd(): Promise<void> {
    const { load } = this;
    const pauseMs = Math.max(lookMs, load.chunks.length * lookMsPerChunk);
    for (;;) {
      if (load.signal.aborted) throw load.signal.reason;
      const open = await load.open();
      if (open.size < this.lastOpen) this.livedAt = performance.now();
      this.lastOpen = open.size;
      if (open.size > 0) await this.look([...open]);
      load.tell({ workers: this.workers, running: open.size === 0 ? 0 : this.running, open: open.size });
      if (open.size === 0) return;
      await sleep(pauseMs, undefined, { signal: load.signal }).catch(() => undefined);
    }
  }

  /** Takes what is left out of the queue, where Redis is there; workers find by themselves that what they have in hand is over. */
  async forget(): Promise<void> {
    const ids = this.load.chunks.map(({ id }) => jobId(this.load.reference, id));
    try {
      for (const part of parts(ids)) await within(Promise.allSettled(part.map((id) => this.queue.remove(id))));
    } catch {
      // Jobs of a run that has ended are passed over.
    }
  }

  private async look(open: readonly number[]): Promise<void> {
    let failed: string | undefined;
    try {
      const ids = new Map(open.map((chunk) => [jobId(this.load.reference, chunk), chunk]));
      const [active, refused, waiting] = await within(Promise.all(states.map((each) => this.queue.getRanges(each, 0, -1))));
      this.running = active!.filter((id) => ids.has(id)).length;
      const first = refused!.find((id) => ids.has(id));
      if (first !== undefined) failed = (await within(this.queue.getJob(first)))?.failedReason ?? 'unknown';
      // One that moves from one list to another meanwhile is seen in none: a job that is there is not added again.
      for (const id of [...active!, ...waiting!]) ids.delete(id);
      const missing = failed === undefined ? [...ids.values()] : [];
      for (const part of parts(missing)) await within(this.queue.addBulk(part.map((chunk) => this.jobOf(chunk))));
      this.workers = await workersOf(this.queue);
      this.livedAt = performance.now();
      this.outages = 0;
    } catch (error) {
      this.running = undefined;
      this.workers = undefined;
      const away = performance.now() - this.livedAt;
      if (away > patienceMs) throw connectionError('CONNECTION_LOST', error as Error);
      if (this.outages++ === 0) this.load.retried(connectionError('CONNECTION_LOST', error as Error), 1, lookMs);
    }
    if (failed !== undefined) throw errorOf(failed);
  }

  private jobOf(chunk: number) {
    const { spec_name, spec_checksum, run_id, token, rows_total } = this.load.reference;
    const data: ChunkJob = {
      spec_file: this.parts.spec_file,
      spec_name,
      spec_checksum,
      run_id,
      token,
      rows_total,
      chunk,
      rows_per_second: this.options.rowsPerSecond ?? null,
    };
    return { name: 'chunk', data, opts: { ...this.options.job, jobId: jobId(this.load.reference, chunk) } };
  }
}

interface OpenQueue {
  readonly queue: Queue;
  close(): Promise<void>;
}

async function openQueue(settings: BullmqSettings): Promise<OpenQueue> {
  // A command that cannot be sent fails at once: the target is looked at meanwhile.
  const redis: Redis = await connectRedis(settings.redis, { enableOfflineQueue: false, maxRetriesPerRequest: 1 });
  const queue = new Queue(settled(settings).queue, { connection: redis, skipWaitingForReady: true });
  queue.on('error', () => undefined);
  return {
    queue,
    close: async () => {
      await within(queue.close()).catch(() => undefined);
      redis.disconnect();
    },
  };
}

/** Workers that are connected to a queue; undefined where Redis does not say. */
async function workersOf(queue: Queue): Promise<number | undefined> {
  try {
    return await within(queue.getWorkersCount());
  } catch (error) {
    // Some services keep their clients to themselves.
    if (/unknown command|NOPERM/i.test((error as Error).message)) return undefined;
    throw error;
  }
}

function parts<Item>(items: readonly Item[]): Item[][] {
  return Array.from({ length: Math.ceil(items.length / atOnce) }, (_, index) =>
    items.slice(index * atOnce, (index + 1) * atOnce),
  );
}
