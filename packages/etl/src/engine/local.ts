import type { Chunk, Engine } from './engine.ts';

/** Runs chunks in this process, at most `parallel` at a time: one partition is one chunk. */
export function localEngine(parallel: number): Engine {
  return {
    locks: 'run',
    chunks: async (partitions) => partitions,
    async run({ chunks, work, signal }) {
      const failed = new AbortController();
      const either = AbortSignal.any([signal, failed.signal]);
      const waiting = [...chunks];
      let first: { error: unknown } | undefined;
      const worker = async (): Promise<void> => {
        for (let chunk: Chunk | undefined = waiting.shift(); chunk && !first; chunk = waiting.shift()) {
          try {
            await work(chunk, either);
          } catch (error) {
            first ??= { error };
            failed.abort(error);
          }
        }
      };
      await Promise.all(Array.from({ length: Math.min(parallel, chunks.length) }, worker));
      if (first) throw first.error;
    },
  };
}
