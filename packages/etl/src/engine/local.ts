import type { Chunk, Engine } from './engine.ts';

/** Runs chunks in this process, at most `parallel` at a time: one partition is one chunk, until places are free and those that lag are cut. */
export function localEngine(parallel: number): Engine {
  return {
    locks: 'run',
    chunks: async (partitions) => partitions,
    async run({ chunks, work, split, signal }) {
      const failed = new AbortController();
      const either = AbortSignal.any([signal, failed.signal]);
      const waiting = [...chunks];
      let first: { error: unknown } | undefined;
      const worker = async (): Promise<void> => {
        while (!first) {
          try {
            const chunk: Chunk | undefined = waiting.shift() ?? (await split());
            if (!chunk) return;
            await work(chunk, either);
          } catch (error) {
            first ??= { error };
            failed.abort(error);
          }
        }
      };
      await Promise.all(Array.from({ length: parallel }, worker));
      if (first) throw first.error;
    },
  };
}
