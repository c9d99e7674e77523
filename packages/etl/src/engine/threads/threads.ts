import { availableParallelism } from 'node:os';
import type { Engine } from '../engine.ts';
import type { OwnModule } from './thread-task.ts';

/** The settings of the engine. */
export interface ThreadsSettings {
  /** Worker threads, each with a chunk at a time; default: one fewer than there are cores, at least 1. */
  readonly threads?: number | undefined;
}

/** Chunks of a new load for each thread, at least: so that none is idle for long while the last ones end. */
const chunksPerThread = 4;

/**
 * An engine that runs chunks in worker threads of this process, each with connections of its own and under the lock of its chunk in the target, as a worker on
 * another machine would. A thread that dies is replaced, and its chunk is run again once its lock has ended.
 *
 * @param own gives each thread the spec, and what it works with
 */
export function threadsEngine(settings: ThreadsSettings, own: OwnModule): Engine {
  const threads = settings.threads ?? Math.max(1, availableParallelism() - 1);
  return {
    locks: 'chunk',
    chunks: async (partitions) => Math.max(partitions, threads * chunksPerThread),
    async run(load) {
      // Only here: what starts no threads does not load the library of the pool.
      const { ThreadedLoad } = await import('./threaded-load.ts');
      await using threaded = new ThreadedLoad(threads, own, load);
      await threaded.toEnd();
    },
  };
}
