import { setTimeout as sleep } from 'node:timers/promises';
import { isPolyshiftError } from '@polyshift/core';
import {
  type Engine,
  type EtlDependencies,
  type FaultPlace,
  FleetLoads,
  type LoadReference,
  type SpecInput,
} from '../../src/index.ts';
import { memoryAdapter } from '../memory-store/adapter.ts';
import { loaded, type World } from '../pipeline-world.ts';

/** Milliseconds that locks outlive the dead here. */
export const leaseMs = 600;

/** A worker over the memory stores, with clients of its own, in this process. */
export interface MemoryWorker {
  readonly loads: FleetLoads;
  /** Chunks that it has finished. */
  readonly done: number[];
  /** Called at the places where a crash harness stops a worker. */
  fault: ((place: FaultPlace) => void | Promise<void>) | undefined;
  /** Ends its clients, as the death of its process would. */
  die(): void;
  run(reference: LoadReference, chunk: number, signal?: AbortSignal): Promise<'done' | 'over'>;
}

/** Starts a worker that has the spec of the run. */
export function memoryWorker(world: World, spec: SpecInput): MemoryWorker {
  const adapter = memoryAdapter({ from: world.from, to: world.to });
  const worker: MemoryWorker = {
    loads: new FleetLoads(),
    done: [],
    fault: undefined,
    die: () => adapter.killAll(),
    async run(reference, chunk, signal = new AbortController().signal) {
      const dependencies: EtlDependencies = {
        resolveAdapter: () => adapter,
        lease_ttl_ms: leaseMs,
        retries: 0,
        fault: (place) => worker.fault?.(place),
      };
      const outcome = await worker.loads.runChunk(reference, chunk, async () => ({ loaded: loaded(spec), dependencies }), {
        signal,
      });
      if (outcome === 'done') worker.done.push(chunk);
      return outcome;
    },
  };
  return worker;
}

/** An engine that hands each chunk to the next free worker, and again to another where one fails: what a queue does. */
export function fleetEngine(workers: readonly MemoryWorker[], chunks = 12): Engine & { reference?: LoadReference } {
  const engine: Engine & { reference?: LoadReference } = {
    locks: 'chunk',
    chunks: async () => chunks,
    async run(load) {
      engine.reference = load.reference;
      const waiting = load.chunks.map(({ id }) => id);
      let failure: { error: unknown } | undefined;
      let ended = false;
      const work = async (worker: MemoryWorker): Promise<void> => {
        while (!ended && !failure && !load.signal.aborted) {
          const chunk = waiting.shift();
          if (chunk === undefined) {
            await sleep(5);
            continue;
          }
          try {
            if ((await worker.run(load.reference, chunk)) === 'over' && load.signal.aborted) return;
          } catch (error) {
            const passes = isPolyshiftError(error) && ['CONNECTION_LOST', 'LOCKED', 'LEASE_LOST'].includes(error.code);
            if (!passes) failure = { error };
            waiting.push(chunk);
            return;
          }
        }
      };
      const all = workers.map(work);
      for (;;) {
        const open = await load.open();
        load.tell({ workers: workers.length, running: undefined, open: open.size });
        if (load.signal.aborted) throw load.signal.reason;
        if (failure) throw failure.error;
        if (open.size === 0) break;
        await sleep(5);
      }
      ended = true;
      await Promise.all(all);
    },
  };
  return engine;
}
