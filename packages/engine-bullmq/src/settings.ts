/** The settings of the engine, as `engine` of the configuration has them. */
export interface BullmqSettings {
  /** The URL of Redis, `redis://` or `rediss://`. */
  readonly redis: string;
  /** The name of the queue; processes with the same one make up a fleet. Default `polyshift`. */
  readonly queue?: string | undefined;
  /** Chunks that a new load is cut into; default: four for each worker that is there, at least 32, and never fewer than the spec has partitions. */
  readonly chunks?: number | undefined;
  /** Rows per second that the whole fleet writes at most; default: no limit. */
  readonly rows_per_second?: number | undefined;
  /**
   * Seconds after which a chunk whose worker is not heard of any more goes to another; default 30. All workers of a queue take it from here, as the time to live
   * of their locks in Redis and as the pause between two looks for such chunks.
   */
  readonly stalled_seconds?: number | undefined;
  /** How often a chunk is tried; default 10. */
  readonly attempts?: number | undefined;
  /** The first of the growing pauses between two tries, in milliseconds; default 1000. */
  readonly retry_pause_ms?: number | undefined;
}

/** The settings with their defaults, as the queue and its workers use them: each is decided here, once for all. */
export function settled(settings: BullmqSettings) {
  const stalledMs = (settings.stalled_seconds ?? 30) * 1000;
  return {
    queue: settings.queue ?? 'polyshift',
    rowsPerSecond: settings.rows_per_second,
    /** For workers: three heartbeats fit into the time to live of a lock. */
    worker: {
      lockDuration: stalledMs,
      lockRenewTime: stalledMs / 3,
      stalledInterval: stalledMs,
      // How often a chunk may lose its worker: it is its lock in the target that keeps it whole, so that machines may come and go.
      maxStalledCount: 1000,
      // Milliseconds after which a worker looks for chunks again when Redis was away.
      runRetryDelay: 1000,
    },
    /** For jobs. */
    job: {
      attempts: settings.attempts ?? 10,
      backoff: { type: 'exponential', delay: settings.retry_pause_ms ?? 1000, jitter: 0.5 },
      removeOnComplete: true,
      removeOnFail: { age: 24 * 3600 },
    },
  } as const;
}

/** Chunks of a load that asks for so many partitions, with so many workers there. */
export function chunksOf(settings: BullmqSettings, partitions: number, workers: number): number {
  return Math.max(partitions, settings.chunks ?? Math.max(32, 4 * workers));
}
